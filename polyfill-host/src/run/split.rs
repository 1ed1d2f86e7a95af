//! Runs a split command.

use crate::guest::Guest;
use crate::split::{Died, SplitInstance, SplitPre, SplitView};
use std::sync::Arc;
use std::time::Duration;
use wasmtime::Store;
use wasmtime::component::InstancePre;

/// How often is looked whether a guest whose `run` has returned is still at work: at first, and at most.
const LOOK: (Duration, Duration) = (Duration::from_millis(1), Duration::from_millis(50));

/// Calls `run` of the exported interface `export`, then waits for what it has begun: output that is still on its way.
pub(super) async fn run(
    pre: InstancePre<Guest>,
    store: Store<Guest>,
    export: &str,
) -> Result<Result<(), ()>, Arc<wasmtime::Error>> {
    let instance = SplitPre::new(pre).instantiate(store).await?;
    let run = instance
        .async_func::<(), (Result<(), ()>,)>(Some(export), "run")
        .await?;
    let (result,) = run.call(()).await.map_err(|died| died.shared_reason())?;
    idle(&instance).await.map_err(|died| died.shared_reason())?;
    Ok(result)
}

/// Waits until the guest has nothing under way any more, or only what can never go on.
pub(super) async fn idle(instance: &SplitInstance<Guest>) -> Result<(), Died> {
    let (mut pause, longest) = LOOK;
    let at_work = |guest: &mut Guest| {
        let split = guest.split();
        split.has_work() && split.can_go_on()
    };
    while instance.with(at_work).await? {
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(longest);
    }
    Ok(())
}
