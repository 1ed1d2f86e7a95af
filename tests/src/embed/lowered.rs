//! A lowered instance, on plain WASI 0.2, which runs one call at a time.

use super::state::State;
use tokio::sync::Mutex;
use wasmtime::component::{self, ComponentNamedList, Lift, Lower};
use wasmtime::{Result, Store};

/// A lowered instance.
pub struct Instance(Mutex<(Store<State>, component::Instance)>);

impl Instance {
    pub(super) fn new(store: Store<State>, instance: component::Instance) -> Self {
        Instance(Mutex::new((store, instance)))
    }

    /// Calls a function. After a trap, further calls fail: wasmtime refuses to enter the instance again.
    pub(super) async fn call<P, R>(&self, interface: &str, name: &str, params: P) -> Result<R>
    where
        P: ComponentNamedList + Lower + Send + Sync + 'static,
        R: ComponentNamedList + Lift + Send + Sync + 'static,
    {
        let (store, instance) = &mut *self.0.lock().await;
        let missing =
            || wasmtime::format_err!("the component exports no `{name}` of `{interface}`");
        let interface = instance
            .get_export_index(&mut *store, None, interface)
            .ok_or_else(missing)?;
        let function = instance
            .get_export_index(&mut *store, Some(&interface), name)
            .ok_or_else(missing)?;
        let function = instance.get_typed_func::<P, R>(&mut *store, function)?;
        function.call_async(&mut *store, params).await
    }
}
