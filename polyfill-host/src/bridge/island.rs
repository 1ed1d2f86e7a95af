//! An island of one instance of a composition, and calls to it.

use super::load::{Code, Islands};
use super::{native, plain};
use crate::bad_input::BadInput;
use crate::exports;
use crate::guest::Guest;
use crate::split::{DynamicCall, SplitInstance};
use std::sync::{Arc, OnceLock};
use tokio::sync::{OnceCell, mpsc, oneshot, watch};
use tokio::task::JoinSet;
use wasmtime::component::{Func, Instance, Val};
use wasmtime::{AsContextMut, Engine, Error, Result, Store};

/// Makes the store of an island.
pub(crate) type StoreMaker = Arc<dyn Fn(&Engine) -> Result<Store<Guest>, BadInput> + Send + Sync>;

/// The islands behind one island of an instance: those that it may have bridges to.
///
/// An island owns those behind it and knows none before it, so that all of them go when the first one does.
#[derive(Clone, Default)]
pub(crate) struct Behind {
    islands: Vec<Arc<Island>>,
}

/// A function of an island's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    /// How many islands on from the caller's, less one.
    pub ahead: usize,
    /// The interface as the island exports it; `None`: the function is the world's own.
    pub interface: Option<Arc<str>>,
    /// The function as it was written.
    pub function: Arc<str>,
}

impl Target {
    /// The function itself.
    pub fn func(&self, store: impl AsContextMut, instance: &Instance) -> Result<Func> {
        exports::func(store, instance, self.interface.as_deref(), &self.function)
    }
}

/// A call on its way.
pub(super) struct Call {
    pub target: Target,
    pub arguments: Vec<Val>,
    pub has_result: bool,
    /// The request that it is made for, if that is known.
    pub request: Option<u64>,
    pub reply: oneshot::Sender<Vec<Val>>,
}

/// One island.
struct Island {
    /// Its place among the composition's.
    number: usize,
    all: Arc<Islands>,
    behind: Behind,
    maker: StoreMaker,
    running: OnceCell<Running>,
}

/// An island that has been called.
enum Running {
    /// Calls are handed to a task.
    Task {
        calls: mpsc::Sender<Call>,
        death: Death,
        /// Whether it is at a call whose caller has given up.
        is_abandoned: watch::Receiver<bool>,
        /// Stops it when it is dropped.
        _task: JoinSet<()>,
    },
    /// Calls are made by the callers.
    Split(SplitInstance<Guest>),
}

/// Why an island's task has ended.
pub(super) type Death = Arc<OnceLock<Arc<Error>>>;

impl Behind {
    /// The islands behind the first one of a new instance.
    pub fn first(all: &Arc<Islands>, maker: &StoreMaker) -> Self {
        let mut islands = Vec::new();
        for number in (0..all.len()).rev() {
            let island = Island {
                number,
                all: all.clone(),
                behind: Behind {
                    islands: islands.clone(),
                },
                maker: maker.clone(),
                running: OnceCell::new(),
            };
            islands.insert(0, Arc::new(island));
        }
        Behind { islands }
    }

    /// Resolves when no island is at a call whose caller has given up.
    pub async fn attended(&self) {
        for island in &self.islands {
            island.attended().await;
        }
    }

    /// Calls a function: its results. The future needs nothing of the caller's store.
    ///
    /// # Errors
    /// If the island traps, or has trapped before.
    ///
    /// # Cancellation
    /// Dropping the future gives the call up, as the module's documentation says.
    pub(super) fn call(
        &self,
        target: &Target,
        arguments: Vec<Val>,
        has_result: bool,
        request: Option<u64>,
    ) -> impl Future<Output = Result<Vec<Val>>> + Send + use<> {
        let island = self.islands.get(target.ahead).cloned();
        let target = target.clone();
        async move {
            let island = island.ok_or_else(|| {
                wasmtime::format_err!("nothing was put behind the bridge to `{}`", target.function)
            })?;
            let name = island.all.name(island.number);
            island
                .call(target, arguments, has_result, request)
                .await
                .map_err(|reason| {
                    wasmtime::format_err!(
                        "`{name}`, which is behind a bridge, has ended: {reason:#}"
                    )
                })
        }
    }
}

impl Island {
    async fn attended(&self) {
        if let Some(Running::Task { is_abandoned, .. }) = self.running.get() {
            // An error: its task has ended.
            let _ = is_abandoned.clone().wait_for(|abandoned| !abandoned).await;
        }
    }

    async fn call(
        &self,
        target: Target,
        arguments: Vec<Val>,
        has_result: bool,
        request: Option<u64>,
    ) -> Result<Vec<Val>, Arc<Error>> {
        let running = self.running.get_or_try_init(|| self.start());
        match running.await.map_err(Arc::new)? {
            Running::Task { calls, death, .. } => {
                let (reply, result) = oneshot::channel();
                let call = Call {
                    target,
                    arguments,
                    has_result,
                    request,
                    reply,
                };
                if calls.send(call).await.is_ok()
                    && let Ok(results) = result.await
                {
                    return Ok(results);
                }
                // Its task ends, and says why before it lets go of the queue.
                calls.closed().await;
                Err(death
                    .get()
                    .cloned()
                    .unwrap_or_else(|| Arc::new(wasmtime::format_err!("it was stopped"))))
            }
            Running::Split(instance) => {
                let call = DynamicCall {
                    is_split: self.all.is_split(self.number, &target),
                    interface: target.interface.as_ref().map(|it| it.to_string()),
                    function: target.function.to_string(),
                    arguments,
                    has_result,
                };
                let results = instance.call_dynamic(call).await;
                results.map_err(|died| died.shared_reason())
            }
        }
    }

    async fn start(&self) -> Result<Running> {
        let (engine, code) = self.all.code(self.number);
        let mut store = (self.maker)(engine)?;
        store.data_mut().set_behind(self.behind.clone());
        let (calls, queue) = mpsc::channel(self.all.queue());
        let (abandoned, is_abandoned) = watch::channel(false);
        let death = Death::default();
        let end = death.clone();
        let mut task = JoinSet::new();
        match code {
            Code::Split(pre) => return Ok(Running::Split(pre.instantiate(store).await?)),
            Code::Plain(pre) => task.spawn(plain::run(pre.clone(), store, queue, abandoned, end)),
            Code::Native(pre) => task.spawn(native::run(pre.clone(), store, queue, end)),
        };
        Ok(Running::Task {
            calls,
            death,
            is_abandoned,
            _task: task,
        })
    }
}
