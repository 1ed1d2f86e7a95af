//! An instance of a split component, which many tasks can use at once.

use isyswasfa_wit::names::{POLL, POLL_SUFFIX};
use std::sync::{Arc, Weak};

use futures::future::BoxFuture;
use tokio::sync::{Mutex, OwnedMutexGuard, watch};
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, ComponentExportIndex, InstancePre};
use wasmtime::{Result, Store};

use super::ctx::SplitView;
use super::driver::{Alive, Driver, Idle};
use super::inline::Inline;
use super::run::Interrupt;
use crate::core::{Queue, Wake};

/// An exported `isyswasfa-poll`.
pub(crate) type PollExport = ComponentExportIndex;

/// Why an instance can't be used any more: a guest trapped, or was interrupted. All its callers get this error.
#[derive(Clone, Debug, thiserror::Error)]
#[error("the instance has ended: {0:#}")]
pub struct Died(Arc<wasmtime::Error>);

impl Died {
    pub(crate) fn new(error: wasmtime::Error) -> Self {
        Died(Arc::new(error))
    }

    /// The trap or other error.
    pub fn reason(&self) -> &wasmtime::Error {
        &self.0
    }

    /// The same, to be kept.
    pub(crate) fn shared_reason(&self) -> Arc<wasmtime::Error> {
        self.0.clone()
    }
}

/// A component that is ready to be instantiated, with its exported poll functions.
pub struct SplitPre<T: 'static> {
    pre: InstancePre<T>,
    polls: Arc<[PollExport]>,
}

impl<T: 'static> Clone for SplitPre<T> {
    fn clone(&self) -> Self {
        SplitPre {
            pre: self.pre.clone(),
            polls: self.polls.clone(),
        }
    }
}

impl<T: SplitView> SplitPre<T> {
    /// Prepares a component whose imports are all defined.
    pub fn new(pre: InstancePre<T>) -> Self {
        let polls = polls(pre.component());
        SplitPre { pre, polls }
    }

    /// The component.
    pub fn component(&self) -> &Component {
        self.pre.component()
    }

    /// Instantiates the component in a store of its own, which is driven by a task from then on.
    ///
    /// Must be called in a tokio runtime.
    ///
    /// # Errors
    ///
    /// If there is no room for another instance, or a start function traps.
    pub async fn instantiate(&self, mut store: Store<T>) -> Result<SplitInstance<T>> {
        super::fuel::set_hostcall_fuel(&mut store);
        super::run::limit(&mut store);
        super::run::begin(&mut store);
        let instance = self.pre.instantiate_async(&mut store).await?;
        Ok(SplitInstance::new(Driver::new(
            store,
            instance,
            &self.polls,
        )))
    }
}

/// A handle on an instance. Calls can be made on clones of it at the same time; the guest's tasks run concurrently.
///
/// The instance ends, with all that it has under way, when the last handle is dropped (and the last body that it writes).
pub struct SplitInstance<T: 'static>(Arc<Shared<T>>);

impl<T: 'static> Clone for SplitInstance<T> {
    fn clone(&self) -> Self {
        SplitInstance(self.0.clone())
    }
}

struct Shared<T: 'static> {
    driver: Arc<Mutex<Driver<T>>>,
    queue: Arc<Queue>,
    interrupt: Arc<Interrupt>,
    death: watch::Receiver<Option<Died>>,
}

impl<T: 'static> Drop for Shared<T> {
    fn drop(&mut self) {
        self.queue.close();
    }
}

impl<T: SplitView> SplitInstance<T> {
    fn new(driver: Driver<T>) -> Self {
        let (queue, interrupt) = driver.ends();
        let death = driver.death();
        let driver = Arc::new(Mutex::new(driver));
        tokio::spawn(background(Arc::downgrade(&driver), queue.clone()));
        SplitInstance(Arc::new(Shared {
            driver,
            queue,
            interrupt,
            death,
        }))
    }

    /// Reads or changes the store's data.
    ///
    /// # Errors
    ///
    /// If the instance has died: its data is gone.
    pub async fn with<R>(&self, what: impl FnOnce(&mut T) -> R) -> Result<R, Died> {
        let mut driver = self.lock().await;
        Ok(what(driver.alive()?.store.data_mut()))
    }

    /// Ends the instance, whatever it does: all its callers get an error with this reason.
    ///
    /// A guest that spins is stopped at the next tick of the engine's epoch.
    pub fn interrupt(&self, reason: &str) {
        self.0.interrupt.set(reason);
        // If nobody drives it, the background driver finds the reason.
        self.0.queue.push(Wake::Look);
    }

    /// A channel that gets the reason when the instance has died. The channel closes when the instance was dropped without
    /// having died. It does not keep the instance.
    pub fn death(&self) -> watch::Receiver<Option<Died>> {
        self.0.death.clone()
    }

    /// Whether somebody drives the instance at this moment: a call would have to wait.
    pub fn is_driven(&self) -> bool {
        self.0.driver.try_lock().is_err()
    }

    /// Why the instance has died, if it has.
    pub async fn died(&self) -> Option<Died> {
        self.lock().await.died().cloned()
    }

    /// A handle of any type that keeps the instance.
    pub(crate) fn keep_alive(&self) -> Arc<dyn Send + Sync> {
        self.0.clone()
    }

    /// The instance's inbox.
    pub(crate) fn queue(&self) -> &Arc<Queue> {
        &self.0.queue
    }

    /// Calls `what` with the instance, and does all work that follows. Dropping the future does not stop this halfway.
    pub(crate) async fn enter<R: Send + 'static>(
        &self,
        what: impl for<'a> FnOnce(&'a mut Alive<T>) -> BoxFuture<'a, Result<R>> + Send + 'static,
    ) -> Result<R, Died> {
        let mut driver = self.lock().await;
        Inline::new(async move { driver.drive(what).await }).await
    }

    async fn lock(&self) -> OwnedMutexGuard<Driver<T>> {
        if let Ok(driver) = self.0.driver.clone().try_lock_owned() {
            return driver;
        }
        // The background driver may hold it, only to wait.
        let _wanted = self.0.queue.want();
        self.0.driver.clone().lock_owned().await
    }
}

/// Drives the instance when it has something to do and nobody else drives it.
async fn background<T: SplitView>(driver: Weak<Mutex<Driver<T>>>, queue: Arc<Queue>) {
    while queue.wait().await {
        let Some(driver) = driver.upgrade() else {
            return;
        };
        let mut driver = driver.lock_owned().await;
        // Callers get the error; nobody else needs it.
        let _ = driver.drive(|_| Box::pin(async { Ok(()) })).await;
        while driver.awaits_pollables() {
            match driver.idle().await {
                Idle::Ready => {
                    let _ = driver.drive(|_| Box::pin(async { Ok(()) })).await;
                }
                // Others that want the instance go first.
                Idle::Word => {
                    queue.hand_over_pollables();
                    break;
                }
                Idle::Closed => return,
            }
        }
    }
}

/// All exported poll functions: of interfaces, and of the world's own functions.
fn polls(component: &Component) -> Arc<[PollExport]> {
    let engine = component.engine();
    let mut polls = Vec::new();
    for (name, item) in component.component_type().exports(engine) {
        match item.ty {
            ComponentItem::ComponentInstance(_) => {
                let Some(instance) = component.get_export_index(None, name) else {
                    continue;
                };
                polls.extend(component.get_export_index(Some(&instance), POLL));
            }
            ComponentItem::ComponentFunc(_) if name.ends_with(POLL_SUFFIX) => {
                polls.extend(component.get_export_index(None, name));
            }
            _ => {}
        }
    }
    polls.into()
}
