//! What the host keeps for one instance: its WASI state.

use crate::bad_input::BadInput;
use crate::http::Client;
use crate::options::GuestOptions;
use crate::split::{SplitCtx, SplitView};
use crate::stdio::{InstanceLog, Stdio};
use crate::wasi;
use std::collections::HashMap;
use std::sync::Arc;
use wasmtime::component::{GuestTaskId, ResourceTable};
use wasmtime::{Engine, Store, StoreLimits};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

/// Makes stores for instances.
#[derive(Debug, Clone)]
pub struct GuestFactory {
    options: Arc<GuestOptions>,
    stdio: Stdio,
    client: Client,
}

impl GuestFactory {
    /// Guests may use what `options` says, and write to `stdio`.
    pub fn new(options: Arc<GuestOptions>, stdio: Stdio) -> Self {
        let client = Client::new().only_to(options.outbound.clone());
        Self {
            options,
            stdio,
            client,
        }
    }

    /// What guests may use.
    pub fn options(&self) -> &GuestOptions {
        &self.options
    }

    /// A store for one instance, which gives way to others at every tick of the engine's epoch.
    ///
    /// # Errors
    /// If a directory cannot be opened any more.
    pub(super) fn store(&self, engine: &Engine) -> Result<Store<Guest>, BadInput> {
        let mut store = Store::new(engine, self.guest()?);
        store.limiter(|guest| &mut guest.limits);
        store.set_epoch_deadline(1);
        store.epoch_deadline_async_yield_and_update(1);
        Ok(store)
    }

    /// A store for one instance of a split component, which has its standard streams from the split ABI's state as well.
    ///
    /// # Errors
    /// If a directory cannot be opened any more.
    pub(super) fn split_store(&self, engine: &Engine) -> Result<Store<Guest>, BadInput> {
        let mut store = self.store(engine)?;
        let guest = store.data_mut();
        let stdio = self.split_stdio(&guest.log);
        guest.split.set_stdio(stdio);
        Ok(store)
    }

    fn split_stdio(&self, log: &InstanceLog) -> wasi::Stdio {
        let mut stdio = match self.options.inherit_stdin {
            true => wasi::Stdio::inherit(),
            false => wasi::Stdio::default(),
        };
        let [stdout, stderr] = log.streams();
        stdio.set_stdout(stdout).set_stderr(stderr);
        stdio
    }

    fn guest(&self) -> Result<Guest, BadInput> {
        let log = InstanceLog::new(&self.stdio);
        let mut builder = self.options.wasi()?;
        log.attach(&mut builder);
        let limits = &self.options.limits;
        let mut table = ResourceTable::new();
        if let Some(max) = limits.max_resources {
            table.set_max_capacity(max);
        }
        let mut http = WasiHttpCtx::new();
        let mut split = SplitCtx::default();
        split.set_http_client(self.client.clone());
        if let Some(max) = limits.max_http_fields_size {
            http.set_field_size_limit(max);
            split.set_field_bytes(max);
        }
        Ok(Guest {
            table,
            wasi: builder.build(),
            http,
            split,
            limits: limits.store_limits(),
            log,
            tasks: HashMap::new(),
        })
    }
}

/// What split components know as the origin of their work for `request`; 0 is nobody.
pub(super) fn origin_of(request: u64) -> u64 {
    request + 1
}

fn request_behind(origin: u64) -> Option<u64> {
    origin.checked_sub(1)
}

/// A store's data, for a component of any ABI, so that WASI 0.2, which all of them may import, is linked to one type.
///
/// What the others do not use of it is empty tables, which take no memory of their own.
pub struct Guest {
    table: ResourceTable,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    /// The state of the split ABI, whose HTTP client is every ABI's.
    split: SplitCtx,
    limits: StoreLimits,
    log: InstanceLog,
    /// The request that each root task was started for. A task's id is used again when the task
    /// is gone, so that this stays as small as the largest number of tasks at once.
    tasks: HashMap<GuestTaskId, u64>,
}

impl Guest {
    /// `task` works on `request`.
    pub(super) fn task_started(&mut self, task: GuestTaskId, request: u64) {
        self.tasks.insert(task, request);
    }

    /// The request that `task`, a root task, works on.
    pub(super) fn request_of(&self, task: GuestTaskId) -> Option<u64> {
        self.tasks.get(&task).copied()
    }

    /// The instance's stdout and stderr.
    pub fn log(&self) -> &InstanceLog {
        &self.log
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
        self.log.set_current(request_behind(origin));
    }
}
