//! What the host keeps for the instance that it runs.

use crate::bad_input::BadInput;
use crate::http::{Client, HttpHooks};
use crate::options::{GuestOptions, Output};
use crate::split::{SplitCtx, SplitView};
use crate::wasi;
use wasmtime::component::ResourceTable;
use wasmtime::{Engine, Store, StoreLimits};
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

/// What a command is run with.
#[derive(Debug, Clone, Default)]
pub struct RunOptions {
    /// What it sees and may use. Output in lines is not for commands: it goes through as it comes.
    pub guest: GuestOptions,
    /// Its arguments, the first being its name.
    pub arguments: Vec<String>,
    /// Whether it may use `wasi:http`.
    pub http: bool,
    /// Whether reading and writing files may hold up the thread: much faster, but nothing can end it before it is done.
    pub blocking: bool,
}

/// A store's data.
pub struct Guest {
    table: ResourceTable,
    wasi: WasiCtx,
    http: WasiHttpCtx,
    hooks: HttpHooks,
    limits: StoreLimits,
    split: SplitCtx,
}

impl RunOptions {
    /// A store for the instance, which gives way to others at every tick of the engine's epoch.
    ///
    /// # Errors
    /// If a directory cannot be opened.
    pub(super) fn store(&self, engine: &Engine) -> Result<Store<Guest>, BadInput> {
        let options = &self.guest;
        let mut builder = options.wasi()?;
        builder.args(&self.arguments);
        builder.allow_blocking_current_thread(self.blocking);
        let mut stdio = wasi::Stdio::default();
        if options.inherit_stdin {
            stdio.set_stdin(tokio::io::stdin());
        }
        if options.stdout != Output::Discard {
            builder.inherit_stdout();
            stdio.set_stdout(tokio::io::stdout());
        }
        if options.stderr != Output::Discard {
            builder.inherit_stderr();
            stdio.set_stderr(tokio::io::stderr());
        }
        let client = Client::new().only_to(options.outbound.clone());
        let mut split = SplitCtx::default();
        split.set_http_client(client.clone()).set_stdio(stdio);
        let mut http = WasiHttpCtx::new();
        if let Some(max) = options.limits.max_http_fields_size {
            split.set_field_bytes(max);
            http.set_field_size_limit(max);
        }
        let mut table = ResourceTable::new();
        if let Some(max) = options.limits.max_resources {
            table.set_max_capacity(max);
        }
        let guest = Guest {
            table,
            wasi: builder.build(),
            http,
            hooks: HttpHooks::new(Some(client)),
            limits: options.limits.store_limits(),
            split,
        };
        let mut store = Store::new(engine, guest);
        store.limiter(|guest| &mut guest.limits);
        store.set_epoch_deadline(1);
        store.epoch_deadline_async_yield_and_update(1);
        Ok(store)
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

impl SplitView for Guest {
    fn split(&mut self) -> &mut SplitCtx {
        &mut self.split
    }

    fn table(&mut self) -> Option<&mut ResourceTable> {
        Some(&mut self.table)
    }
}
