//! Runs a split command.

use crate::guest::Guest;
use crate::split::{Died, SplitInstance, SplitPre, SplitView};
use std::sync::Arc;
use std::time::Duration;
use wasmtime::Store;
use wasmtime::component::InstancePre;

/// The first and the longest interval at which the host checks, with `until_idle`, whether a guest still works after `run` has
/// returned.
const LOOK: (Duration, Duration) = (Duration::from_millis(1), Duration::from_millis(50));

/// Calls `run` of the exported interface `export`.
pub(super) async fn run(
    pre: InstancePre<Guest>,
    store: Store<Guest>,
    export: &str,
    until_idle: bool,
) -> Result<Result<(), ()>, Arc<wasmtime::Error>> {
    let instance = SplitPre::new(pre).instantiate(store).await?;
    let run = instance
        .async_func::<(), (Result<(), ()>,)>(Some(export), "run")
        .await?;
    let (result,) = run.call(()).await.map_err(|died| died.shared_reason())?;
    let ended = end(&instance, until_idle).await;
    ended.map_err(|died| died.shared_reason())?;
    Ok(result)
}

/// Waits, after a function has returned, until its output to stdout and stderr has arrived; with `until_idle` also until
/// nothing is under way any more.
pub(super) async fn end(instance: &SplitInstance<Guest>, until_idle: bool) -> Result<(), Died> {
    if until_idle {
        idle(instance).await?;
    }
    let written = instance
        .with(|guest| guest.split().output_written())
        .await?;
    written.await;
    Ok(())
}

/// Waits until the guest has nothing under way any more, or is deadlocked.
async fn idle(instance: &SplitInstance<Guest>) -> Result<(), Died> {
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
