//! Calls of a guest's exports whose types are known at run time only.

use wasmtime::component::{Func, Resource, Val};
use wasmtime::{Result, bail};

use super::call::split_name;
use super::ctx::SplitView;
use super::driver::Alive;
use super::halves::Halves;
use super::instance::{Died, SplitInstance};
use crate::core::Pending;
use crate::exports;

/// A call of an exported function, async or not.
pub(crate) struct DynamicCall {
    /// The name of the exported interface; `None`: the function is the world's own.
    pub interface: Option<String>,
    /// The function's name before the split.
    pub function: String,
    /// Whether it is async, and exported as two halves.
    pub is_split: bool,
    pub arguments: Vec<Val>,
    pub has_result: bool,
}

impl<T: SplitView> SplitInstance<T> {
    /// Calls a function, and waits for its task if there is one.
    ///
    /// # Errors
    /// If the instance dies, or had died before; also if there is no such function, or it has other parameters.
    ///
    /// # Cancellation
    /// Dropping the future cancels the call.
    pub(crate) async fn call_dynamic(&self, call: DynamicCall) -> Result<Vec<Val>, Died> {
        if call.is_split {
            self.call_halves(call, |_, results| Ok(results)).await
        } else {
            self.enter(move |alive| Box::pin(async move { call.whole(alive).await }))
                .await
        }
    }
}

impl DynamicCall {
    /// Calls a function that the split has not changed.
    async fn whole<T: SplitView>(self, alive: &mut Alive<T>) -> Result<Vec<Val>> {
        let func = self.look_up(alive, &self.function)?;
        let mut results = room(usize::from(self.has_result));
        alive
            .enter_dynamic("call", func, &self.arguments, &mut results)
            .await?;
        Ok(results)
    }

    fn look_up<T: SplitView>(&self, alive: &mut Alive<T>, name: &str) -> Result<Func> {
        let Alive {
            store, instance, ..
        } = alive;
        exports::func(store, instance, self.interface.as_deref(), name)
    }
}

impl<T: SplitView> Halves<T> for DynamicCall {
    type Results = Vec<Val>;

    fn name(&self) -> &str {
        &self.function
    }

    async fn start(&mut self, alive: &mut Alive<T>) -> Result<Result<Vec<Val>, Resource<Pending>>> {
        let (start, _) = split_name(&self.function);
        let func = self.look_up(alive, &start)?;
        let mut results = room(1);
        alive
            .enter_dynamic("start", func, &self.arguments, &mut results)
            .await?;
        match results.pop() {
            Some(Val::Result(Ok(value))) => Ok(Ok(value.map(|value| *value).into_iter().collect())),
            Some(Val::Result(Err(Some(pending)))) => match *pending {
                Val::Resource(pending) => Ok(Err(pending.try_into_resource(&mut alive.store)?)),
                other => bail!("a start half returned {other:?} instead of a task"),
            },
            other => bail!("a start half returned {other:?}"),
        }
    }

    async fn result(self, alive: &mut Alive<T>, ready: Resource<Pending>) -> Result<Vec<Val>> {
        let (_, result) = split_name(&self.function);
        let func = self.look_up(alive, &result)?;
        let ready = ready.try_into_resource_any(&mut alive.store)?;
        let mut results = room(usize::from(self.has_result));
        alive
            .enter_dynamic("result", func, &[Val::Resource(ready)], &mut results)
            .await?;
        Ok(results)
    }
}

/// Room for `results` results.
fn room(results: usize) -> Vec<Val> {
    vec![Val::Bool(false); results]
}
