//! Makes the stores of serving instances.

use crate::bridge::{Behind, Islands, StoreMaker};
use crate::guest::Guest;
use crate::http::Client;
use crate::options::{DirectoryError, GuestOptions};
use crate::split::{SplitCtx, SplitView};
use crate::stdio::{InstanceLog, Stdio};
use crate::wasi;
use std::sync::Arc;
use wasmtime::{Engine, Store};

/// Makes stores for instances.
#[derive(Clone)]
pub struct GuestFactory {
    options: Arc<GuestOptions>,
    stdio: Stdio,
    client: Client,
    behind: Option<(Arc<Islands>, StoreMaker)>,
}

impl GuestFactory {
    /// A factory for guests with these permissions, which write to `stdio`.
    pub fn new(options: Arc<GuestOptions>, stdio: Stdio) -> Self {
        let client = Client::new().only_to(options.outbound.clone());
        Self {
            options,
            stdio,
            client,
            behind: None,
        }
    }

    /// The same factory for guests with these islands behind their bridges.
    pub(super) fn before(&self, islands: Arc<Islands>) -> Self {
        let own = self.clone();
        let maker: StoreMaker = Arc::new(move |engine| Ok(own.split_store(engine)?));
        Self {
            behind: Some((islands, maker)),
            ..self.clone()
        }
    }

    /// The environment and permissions of guests.
    pub fn options(&self) -> &GuestOptions {
        &self.options
    }

    /// A store for one instance, which yields to others at every tick of the engine's epoch.
    ///
    /// # Errors
    /// If a directory cannot be opened any more.
    pub(super) fn store(&self, engine: &Engine) -> Result<Store<Guest>, DirectoryError> {
        let log = InstanceLog::new(&self.stdio);
        let mut builder = self.options.wasi()?;
        log.attach(&mut builder);
        let (wasi, client) = (builder.build(), self.client.clone());
        let split = SplitCtx::new(self.options.limits.core_limits());
        let guest = Guest::new(&self.options, wasi, client, split);
        let mut guest = guest.logged(log);
        if let Some((islands, maker)) = &self.behind {
            guest.set_behind(Arc::new(Behind::first(islands, maker)));
        }
        Ok(guest.into_store(engine))
    }

    /// A store for one instance of a split component, whose standard streams are also in the split ABI's state.
    ///
    /// # Errors
    /// If a directory cannot be opened any more.
    pub(super) fn split_store(&self, engine: &Engine) -> Result<Store<Guest>, DirectoryError> {
        let mut store = self.store(engine)?;
        let guest = store.data_mut();
        let stdio = self.split_stdio(guest.log());
        guest.split().set_stdio(stdio);
        Ok(store)
    }

    fn split_stdio(&self, log: &InstanceLog) -> wasi::Stdio {
        let mut stdio = if self.options.inherit_stdin {
            wasi::Stdio::inherit()
        } else {
            wasi::Stdio::default()
        };
        let [stdout, stderr] = log.streams();
        stdio.set_stdout(stdout).set_stderr(stderr);
        stdio
    }
}
