//! Calls of split functions whose types are known only now.

use super::Prepared;
use crate::core::Pending;
use crate::guest::Guest;
use crate::split::{Alive, Died, Finish, SplitInstance, Started, split_name};
use futures::future::BoxFuture;
use std::sync::Arc;
use tokio::sync::oneshot;
use wasmtime::component::{Func, Resource, Val};
use wasmtime::{Result, bail};

/// Calls the function, and waits for its task if there is one.
pub(super) async fn call(
    instance: &SplitInstance<Guest>,
    prepared: &Prepared,
) -> Result<Vec<Val>, Arc<wasmtime::Error>> {
    let found = &prepared.found;
    let interface = found.interface.clone();
    let (start, result) = match prepared.is_split() {
        true => {
            let (start, result) = split_name(&found.function);
            (start, Some(result))
        }
        false => (found.function.clone(), None),
    };
    let arguments = prepared.arguments.clone();
    let has_result = prepared.result.is_some();
    let started = instance
        .enter(move |alive| {
            Box::pin(async move {
                let func = find(alive, interface.as_deref(), &start)?;
                let Some(result) = result else {
                    let mut results = prepare(has_result);
                    alive
                        .enter_dynamic("call", func, &arguments, &mut results)
                        .await?;
                    return Ok(Started::Done(results));
                };
                let mut results = prepare(true);
                alive
                    .enter_dynamic("start", func, &arguments, &mut results)
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
                let func = find(alive, interface.as_deref(), &result)?;
                let (tell, told) = oneshot::channel();
                let then = Then {
                    func,
                    has_result,
                    tell,
                };
                Ok(Started::Waiting(
                    alive.wait_for(pending, Box::new(then))?,
                    told,
                ))
            })
        })
        .await
        .map_err(|died| died.shared_reason())?;
    let ended = started.end(instance.queue()).await;
    ended.map_err(|died| died.shared_reason())
}

fn prepare(has_result: bool) -> Vec<Val> {
    vec![Val::Bool(false); usize::from(has_result)]
}

fn find(alive: &mut Alive<Guest>, interface: Option<&str>, name: &str) -> Result<Func> {
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

impl Finish<Guest> for Then {
    fn finish<'a>(
        self: Box<Self>,
        alive: &'a mut Alive<Guest>,
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
