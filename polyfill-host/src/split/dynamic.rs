//! Calls of a guest's exports whose types are known only now.

use futures::future::BoxFuture;
use tokio::sync::oneshot;
use wasmtime::component::{Func, Resource, Val};
use wasmtime::{Result, bail};

use super::call::{Started, split_name};
use super::ctx::SplitView;
use super::driver::{Alive, Finish};
use super::instance::{Died, SplitInstance};
use crate::core::Pending;

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
        let func = find(alive, interface, &call.function)?;
        let mut results = prepare(call.has_result);
        alive
            .enter_dynamic("call", func, &call.arguments, &mut results)
            .await?;
        return Ok(Started::Done(results));
    }
    let (start, result) = split_name(&call.function);
    let func = find(alive, interface, &start)?;
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
    let func = find(alive, interface, &result)?;
    let (tell, told) = oneshot::channel();
    let then = Then {
        func,
        has_result: call.has_result,
        tell,
    };
    Ok(Started::Waiting(
        alive.wait_for(pending, Box::new(then))?,
        told,
    ))
}

fn prepare(has_result: bool) -> Vec<Val> {
    vec![Val::Bool(false); usize::from(has_result)]
}

fn find<T>(alive: &mut Alive<T>, interface: Option<&str>, name: &str) -> Result<Func> {
    let Alive {
        store, instance, ..
    } = alive;
    let parent = match interface {
        Some(name) => instance.get_export_index(&mut *store, None, name),
        None => None,
    };
    instance
        .get_export_index(&mut *store, parent.as_ref(), name)
        .and_then(|index| instance.get_func(&mut *store, index))
        .ok_or_else(|| wasmtime::format_err!("the component does not export `{name}`"))
}

/// Fetches the result.
struct Then {
    func: Func,
    has_result: bool,
    tell: oneshot::Sender<Result<Vec<Val>, Died>>,
}

impl<T: SplitView> Finish<T> for Then {
    fn finish<'a>(
        self: Box<Self>,
        alive: &'a mut Alive<T>,
        ready: Resource<Pending>,
    ) -> BoxFuture<'a, Result<()>> {
        Box::pin(async move {
            let ready = ready.try_into_resource_any(&mut alive.store)?;
            let mut results = prepare(self.has_result);
            alive
                .enter_dynamic("result", self.func, &[Val::Resource(ready)], &mut results)
                .await?;
            // If nobody waits any more, nobody needs it.
            let _ = self.tell.send(Ok(results));
            Ok(())
        })
    }

    fn fail(self: Box<Self>, died: Died) {
        let _ = self.tell.send(Err(died));
    }
}
