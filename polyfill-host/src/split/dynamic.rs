//! Calls of a guest's exports whose types are known only now.

use wasmtime::component::Val;
use wasmtime::{Result, bail};

use super::call::{Started, split_name};
use super::ctx::SplitView;
use super::driver::Alive;
use super::instance::{Died, SplitInstance};
use crate::core::Pending;
use crate::exports;

/// A call of an exported function, async or not.
pub(crate) struct DynamicCall {
    /// The interface as exported; `None`: the function is the world's own.
    pub interface: Option<String>,
    /// The function as it was written.
    pub function: String,
    /// Whether it was async, and is exported as two halves.
    pub is_split: bool,
    pub arguments: Vec<Val>,
    pub has_result: bool,
}

impl<T: SplitView> SplitInstance<T> {
    /// Calls a function, and waits for its task if there is one.
    ///
    /// # Errors
    /// If the instance dies, or had died before; also of a function that is not there, or has other parameters.
    ///
    /// # Cancellation
    /// Dropping the future cancels the call.
    pub(crate) async fn call_dynamic(&self, call: DynamicCall) -> Result<Vec<Val>, Died> {
        let started = self
            .enter(move |alive| Box::pin(start(alive, call)))
            .await?;
        started.end(self.queue()).await
    }
}

async fn start<T: SplitView>(alive: &mut Alive<T>, call: DynamicCall) -> Result<Started<Vec<Val>>> {
    let interface = call.interface.as_deref();
    if !call.is_split {
        let func = exports::func(&mut alive.store, &alive.instance, interface, &call.function)?;
        let mut results = prepare(call.has_result);
        alive
            .enter_dynamic("call", func, &call.arguments, &mut results)
            .await?;
        return Ok(Started::Done(results));
    }
    let (start, result) = split_name(&call.function);
    let func = exports::func(&mut alive.store, &alive.instance, interface, &start)?;
    let mut results = prepare(true);
    alive
        .enter_dynamic("start", func, &call.arguments, &mut results)
        .await?;
    let pending = match results.pop() {
        Some(Val::Result(Ok(value))) => {
            return Ok(Started::Done(
                value.map(|value| *value).into_iter().collect(),
            ));
        }
        Some(Val::Result(Err(Some(pending)))) => *pending,
        other => bail!("a start call answered {other:?}"),
    };
    let Val::Resource(pending) = pending else {
        bail!("a start call answered {pending:?} for a task");
    };
    let pending = pending.try_into_resource::<Pending>(&mut alive.store)?;
    let func = exports::func(&mut alive.store, &alive.instance, interface, &result)?;
    alive.wait_for(pending, move |alive, ready| {
        Box::pin(async move {
            let ready = ready.try_into_resource_any(&mut alive.store)?;
            let mut results = prepare(call.has_result);
            alive
                .enter_dynamic("result", func, &[Val::Resource(ready)], &mut results)
                .await?;
            Ok(results)
        })
    })
}

fn prepare(has_result: bool) -> Vec<Val> {
    vec![Val::Bool(false); usize::from(has_result)]
}
