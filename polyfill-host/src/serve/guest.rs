//! What the host keeps for one instance of a native or 0.2 component: its WASI state.

use crate::bad_input::BadInput;
use crate::options::{GuestOptions, Outbound};
use crate::stdio::{InstanceLog, Stdio};
use http::Request;
use http_body_util::BodyExt;
use std::collections::HashMap;
use std::sync::Arc;
use wasmtime::component::{GuestTaskId, ResourceTable};
use wasmtime::{Engine, Store, StoreLimits};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{
    Error, RequestOptions, WasiBody, WasiHttpCtx, WasiHttpCtxView, WasiHttpHooks, WasiHttpView,
};

/// Makes stores for instances.
#[derive(Debug, Clone)]
pub struct GuestFactory {
    options: Arc<GuestOptions>,
    stdio: Stdio,
}

impl GuestFactory {
    /// Guests may use what `options` says, and write to `stdio`.
    pub fn new(options: Arc<GuestOptions>, stdio: Stdio) -> Self {
        Self { options, stdio }
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
            hooks: Hooks {
                outbound: self.options.outbound.clone(),
            },
            limits: limits.store_limits(),
            log,
            tasks: HashMap::new(),
        };
        let mut store = Store::new(engine, guest);
        store.limiter(|guest| &mut guest.limits);
        store.set_epoch_deadline(1);
        store.epoch_deadline_async_yield_and_update(1);
        Ok(store)
    }
}

/// A store's data.
pub struct Guest {
    table: ResourceTable,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    hooks: Hooks,
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
            hooks: &mut self.hooks,
            table: &mut self.table,
            ctx: &mut self.http,
        }
    }
}

/// Lets a guest's outgoing requests pass, or not.
struct Hooks {
    outbound: Outbound,
}

impl WasiHttpHooks for Hooks {
    fn send_request(
        &mut self,
        request: Request<WasiBody>,
        options: Option<RequestOptions>,
        _result: Box<dyn Future<Output = Result<(), Error>> + Send>,
    ) -> Box<
        dyn Future<
                Output = Result<
                    (
                        http::Response<WasiBody>,
                        Box<dyn Future<Output = Result<(), Error>> + Send>,
                    ),
                    Error,
                >,
            > + Send,
    > {
        let uri = request.uri();
        let port = uri.port_u16().unwrap_or(match uri.scheme_str() {
            Some("https") => 443,
            _ => 80,
        });
        let allowed = uri
            .host()
            .is_some_and(|host| self.outbound.allows(host, port));
        if !allowed {
            tracing::warn!(
                "an outgoing request to `{uri}` was denied: `--allow-outbound` doesn't list its host"
            );
            return Box::new(std::future::ready(Err(Error::HttpRequestDenied)));
        }
        Box::new(async move {
            let (response, io) = wasmtime_wasi_http::default_send_request(request, options).await?;
            let io: Box<dyn Future<Output = Result<(), Error>> + Send> = Box::new(io);
            Ok((response.map(BodyExt::boxed_unsync), io))
        })
    }
}
