//! An island of one instance of a composition, and calls to it.

use super::islands::{Code, Islands};
use super::{native, plain};
use crate::exports;
use crate::guest::{self, BridgedCall, Guest, Target};
use crate::split::{DynamicCall, SplitInstance};
use futures::future::BoxFuture;
use std::sync::{Arc, OnceLock};
use tokio::sync::{OnceCell, mpsc, oneshot, watch};
use tokio::task::JoinSet;
use wasmtime::component::{Func, Instance, Val};
use wasmtime::{AsContextMut, Engine, Error, Result, Store};

/// Makes the store of an island.
pub(crate) type StoreMaker = Arc<dyn Fn(&Engine) -> Result<Store<Guest>> + Send + Sync>;

/// The islands that one island of an instance may have bridges to.
///
/// An island owns the islands behind it and does not know those before it, so all islands end with the first one.
#[derive(Clone)]
pub(crate) struct Behind {
    islands: Vec<Arc<Island>>,
}

/// A call under way, and the channel for its results.
pub(super) struct Waiting {
    pub call: BridgedCall,
    pub reply: oneshot::Sender<Vec<Val>>,
}

impl Waiting {
    /// The function that is called.
    pub fn func(&self, store: impl AsContextMut, instance: &Instance) -> Result<Func> {
        let Target {
            interface,
            function,
            ..
        } = &self.call.target;
        exports::func(store, instance, interface.as_deref(), function)
    }

    /// Room for the results.
    pub fn results(&self) -> Vec<Val> {
        vec![Val::Bool(false); usize::from(self.call.has_result)]
    }
}

/// One island.
struct Island {
    /// Its number among the islands of the composition.
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
        calls: mpsc::Sender<Waiting>,
        death: Death,
        /// Whether the island works on a call whose caller has given up.
        is_abandoned: watch::Receiver<bool>,
        /// The island's task, which stops when this is dropped.
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
}

impl guest::Behind for Behind {
    fn call(&self, call: BridgedCall) -> BoxFuture<'static, Result<Vec<Val>>> {
        let island = self.islands.get(call.target.ahead).cloned();
        Box::pin(async move {
            let Some(island) = island else {
                let function = &call.target.function;
                wasmtime::bail!("no island is behind the bridge to `{function}`");
            };
            let name = island.all.name(island.number);
            island.call(call).await.map_err(|reason| {
                wasmtime::format_err!("`{name}`, which is behind a bridge, has ended: {reason:#}")
            })
        })
    }

    fn attended(&self) -> BoxFuture<'_, ()> {
        Box::pin(async {
            for island in &self.islands {
                island.attended().await;
            }
        })
    }
}

impl Island {
    async fn attended(&self) {
        if let Some(Running::Task { is_abandoned, .. }) = self.running.get() {
            // An error: its task has ended.
            let _ = is_abandoned.clone().wait_for(|abandoned| !abandoned).await;
        }
    }

    async fn call(&self, call: BridgedCall) -> Result<Vec<Val>, Arc<Error>> {
        let running = self.running.get_or_try_init(|| self.start());
        match running.await.map_err(Arc::new)? {
            Running::Task { calls, death, .. } => {
                let (reply, result) = oneshot::channel();
                if calls.send(Waiting { call, reply }).await.is_ok()
                    && let Ok(results) = result.await
                {
                    return Ok(results);
                }
                // The task ends. It says why before it drops the queue.
                calls.closed().await;
                Err(death
                    .get()
                    .cloned()
                    .unwrap_or_else(|| Arc::new(wasmtime::format_err!("it was stopped"))))
            }
            Running::Split(instance) => {
                let call = DynamicCall {
                    is_split: self.all.is_split(self.number, &call.target),
                    interface: call.target.interface.as_ref().map(|it| it.to_string()),
                    function: call.target.function.to_string(),
                    arguments: call.arguments,
                    has_result: call.has_result,
                };
                let results = instance.call_dynamic(call).await;
                results.map_err(|died| died.shared_reason())
            }
        }
    }

    async fn start(&self) -> Result<Running> {
        let (engine, code) = self.all.code(self.number);
        let mut store = (self.maker)(engine)?;
        store.data_mut().set_behind(Arc::new(self.behind.clone()));
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
