//! What the host keeps for one instance of a component of any ABI: its WASI state.

use crate::bad_input::BadInput;
use crate::http::{Client, HttpHooks};
use crate::options::GuestOptions;
use crate::split::{SplitCtx, SplitView};
use crate::stdio::{InstanceLog, Source, Stdio};
use std::collections::HashMap;
use std::sync::Arc;
use wasmtime::component::{GuestTaskId, ResourceTable};
use wasmtime::{Engine, Store, StoreLimits};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use super::idle::Slots;

/// Makes stores for instances.
#[derive(Debug, Clone)]
pub struct GuestFactory {
    options: Arc<GuestOptions>,
    stdio: Stdio,
    /// All guests' requests go through it, so that they share connections.
    client: Client,
}

impl GuestFactory {
    /// Guests may use what `options` says, and write to `stdio`.
    pub fn new(options: Arc<GuestOptions>, stdio: Stdio) -> Self {
        let client = Client::to(options.outbound.clone());
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
        let log = InstanceLog::new(&self.stdio);
        let mut builder = self.options.wasi()?;
        log.attach(&mut builder);
        let limits = &self.options.limits;
        let mut table = ResourceTable::new();
        if let Some(max) = limits.max_resources {
            table.set_max_capacity(max);
        }
        let mut http = WasiHttpCtx::new();
        if let Some(max) = limits.max_http_fields_size {
            http.set_field_size_limit(max);
        }
        let guest = Guest {
            table,
            wasi: builder.build(),
            http,
            hooks: HttpHooks::new(Some(self.client.clone())),
            split: self.split(&log),
            limits: limits.store_limits(),
            log,
            tasks: HashMap::new(),
            _place: None,
        };
        let mut store = Store::new(engine, guest);
        store.limiter(|guest| &mut guest.limits);
        store.set_epoch_deadline(1);
        store.epoch_deadline_async_yield_and_update(1);
        Ok(store)
    }

    fn split(&self, log: &InstanceLog) -> SplitCtx {
        let limits = &self.options.limits;
        let mut core = crate::core::Limits::default();
        if let Some(max) = limits.max_resources {
            core.tasks = max;
            core.pipes = max;
            core.resources = max;
        }
        let mut split = SplitCtx::new(core);
        split.set_http_client(self.client.clone());
        if let Some(max) = limits.max_http_fields_size {
            split.set_field_bytes(max);
        }
        let stdio = split.stdio();
        stdio.set_stdout(log.output(Source::Stdout));
        stdio.set_stderr(log.output(Source::Stderr));
        if self.options.inherit_stdin {
            stdio.set_stdin(tokio::io::stdin());
        }
        split
    }
}

/// A store's data.
pub struct Guest {
    table: ResourceTable,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    hooks: HttpHooks,
    split: SplitCtx,
    limits: StoreLimits,
    log: InstanceLog,
    /// The request that each root task was started for. A task's id is used again when the task
    /// is gone, so that this stays as small as the largest number of tasks at once.
    tasks: HashMap<GuestTaskId, u64>,
    _place: Option<Place>,
}

/// An instance's place, which is free when it is dropped.
struct Place(Arc<Slots>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.freed();
    }
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

    /// When the store goes, whoever waits for `slots` hears of it.
    pub(super) fn frees(&mut self, slots: Arc<Slots>) {
        self._place = Some(Place(slots));
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

impl SplitView for Guest {
    fn split(&mut self) -> &mut SplitCtx {
        &mut self.split
    }

    fn table(&mut self) -> Option<&mut ResourceTable> {
        Some(&mut self.table)
    }
}

impl WasiHttpView for Guest {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        WasiHttpCtxView {
            hooks: &mut self.hooks,
            table: &mut self.table,
            ctx: &mut self.http,
        }
    }
}
