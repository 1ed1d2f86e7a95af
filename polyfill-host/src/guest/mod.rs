//! The data of a store: the WASI state of one instance.

mod behind;
mod counted;
mod tally;

pub(crate) use behind::{Behind, BridgedCall, Target};
pub(crate) use counted::{count_p2, count_p3};

use self::tally::Tally;
use crate::core::Budget;
use crate::http::Client;
use crate::options::{GuestOptions, Limits};
use crate::split::{SplitCtx, SplitView, set_hostcall_fuel};
use crate::stdio::InstanceLog;
use std::collections::HashMap;
use std::sync::Arc;
use wasmtime::component::{GuestTaskId, ResourceTable};
use wasmtime::{Engine, Store, StoreLimits};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

/// The origin of work for `request` in split components; 0 is nobody.
pub(crate) fn origin_of(request: u64) -> u64 {
    request + 1
}

fn request_behind(origin: u64) -> Option<u64> {
    origin.checked_sub(1)
}

/// The limits of wasmtime on a store of components.
#[derive(Clone, Copy)]
struct Guards {
    max_handles: Option<usize>,
    host_memory: usize,
}

/// The approximate memory that wasmtime uses for one task, stream or future of a native component.
const NATIVE_ENTRY: usize = 512;

impl Guards {
    fn of(limits: &Limits) -> Self {
        Guards {
            max_handles: limits.max_handles,
            host_memory: limits.core_limits().host_memory,
        }
    }

    fn apply(self, store: &mut Store<Guest>) {
        if let Some(max) = self.max_handles {
            store.set_max_component_handles(max);
        }
        // Tasks, streams and futures of native components.
        if let Some(table) = store.concurrent_resource_table() {
            table.set_max_capacity(self.host_memory / NATIVE_ENTRY);
        }
    }
}

/// A store's data, for a component of any ABI. It is one type, so WASI 0.2, which all of them may import, is linked once.
///
/// The unused parts are empty tables, which take no memory.
pub struct Guest {
    table: ResourceTable,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    /// The state of the split ABI. Its HTTP client serves every ABI.
    split: SplitCtx,
    /// The memory that `table` holds.
    tally: Tally,
    limits: StoreLimits,
    guards: Guards,
    /// The log of the guest's output. `None`: the output is not attributed to requests, and goes to the guest's streams
    /// directly.
    log: Option<InstanceLog>,
    /// The components behind its bridges, if it has any.
    behind: Option<Arc<dyn Behind>>,
    /// The request that each root task was started for. A task's id is reused when the task is gone, so the map has at most as
    /// many entries as there were tasks at once.
    tasks: HashMap<GuestTaskId, u64>,
}

impl Guest {
    /// A guest with the permissions of `options`, and with `wasi`.
    pub(crate) fn new(
        options: &GuestOptions,
        wasi: WasiCtx,
        client: Client,
        mut split: SplitCtx,
    ) -> Guest {
        let limits = &options.limits;
        let mut table = ResourceTable::new();
        // Each ABI has its resources here or in `split`.
        table.set_max_capacity(limits.core_limits().resources);
        let mut http = WasiHttpCtx::new();
        split.set_http_client(client);
        if let Some(trace) = &options.trace {
            split.set_trace(trace.clone());
        }
        if let Some(max) = limits.max_http_fields_size {
            http.set_field_size_limit(max);
            split.set_field_bytes(max);
        }
        Guest {
            table,
            wasi,
            http,
            tally: Tally::new(&split.budget),
            split,
            limits: limits.store_limits(),
            guards: Guards::of(limits),
            log: None,
            behind: None,
            tasks: HashMap::new(),
        }
    }

    /// Logs the guest's output.
    pub(crate) fn logged(self, log: InstanceLog) -> Guest {
        let log = Some(log);
        Guest { log, ..self }
    }

    /// A store for the instance, which yields to others at every tick of the engine's epoch.
    pub(crate) fn into_store(self, engine: &Engine) -> Store<Guest> {
        let guards = self.guards;
        let mut store = Store::new(engine, self);
        store.limiter(|guest| &mut guest.limits);
        set_hostcall_fuel(&mut store);
        guards.apply(&mut store);
        store.set_epoch_deadline(1);
        store.epoch_deadline_async_yield_and_update(1);
        store
    }

    /// Sets the components behind its bridges.
    pub(crate) fn set_behind(&mut self, behind: Arc<dyn Behind>) {
        self.behind = Some(behind);
    }

    /// The components behind its bridges, if it has any.
    pub(crate) fn behind(&self) -> Option<&Arc<dyn Behind>> {
        self.behind.as_ref()
    }

    /// Counts `bytes` that the guest is about to add to its WASI resources, for `what`.
    ///
    /// # Errors
    /// If the host then holds too much for the guest: a trap.
    pub(crate) fn hold(&mut self, bytes: usize, what: &str) -> wasmtime::Result<()> {
        self.tally.add(&mut self.table, bytes, what)
    }

    /// The budget of the guest.
    pub(crate) fn budget(&self) -> &Budget {
        &self.split.budget
    }

    /// The request whose code runs, if it is known.
    pub(crate) fn request(&self) -> Option<u64> {
        let log = self.log.as_ref();
        request_behind(self.split.origin()).or_else(|| log?.only_request())
    }

    /// Notes that the guest works on `request` from now on, if there is one.
    pub(crate) fn begin(&self, request: Option<u64>) {
        if let (Some(log), Some(request)) = (&self.log, request) {
            log.begin(request);
        }
    }

    /// Notes that the guest is done with `request`.
    pub(crate) fn end(&self, request: Option<u64>) {
        if let (Some(log), Some(request)) = (&self.log, request) {
            log.end(request);
        }
    }

    /// Notes that `task` works on `request`.
    pub(crate) fn task_started(&mut self, task: GuestTaskId, request: u64) {
        self.tasks.insert(task, request);
    }

    /// The request that `task`, a root task, works on.
    pub(crate) fn request_of(&self, task: GuestTaskId) -> Option<u64> {
        self.tasks.get(&task).copied()
    }

    /// The log of the instance's output, if it was made with `logged`.
    pub(crate) fn log(&self) -> &InstanceLog {
        self.log.as_ref().expect("a guest that serves has a log")
    }
}

impl WasiView for Guest {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl WasiHttpView for Guest {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            hooks: self.split.http_hooks(),
            table: &mut self.table,
            ctx: &mut self.http,
        }
    }
}

impl SplitView for Guest {
    fn split(&mut self) -> &mut SplitCtx {
        &mut self.split
    }

    fn table(&mut self) -> Option<&mut ResourceTable> {
        Some(&mut self.table)
    }

    fn origin_changed(&mut self, origin: u64) {
        if let Some(log) = &self.log {
            log.set_current(request_behind(origin));
        }
    }
}
