//! Runs a native 0.3 command.

use crate::guest::Guest;
use std::future::poll_fn;
use std::sync::Arc;
use wasmtime::Store;
use wasmtime::component::{Accessor, InstancePre};
use wasmtime_wasi::p3::bindings::CommandPre;

/// Calls `run`.
pub(super) async fn run(
    pre: InstancePre<Guest>,
    mut store: Store<Guest>,
    until_idle: bool,
) -> Result<Result<(), ()>, Arc<wasmtime::Error>> {
    let command = CommandPre::new(pre)?.instantiate_async(&mut store).await?;
    let result = store
        .run_concurrent(async |store| {
            let result = command.wasi_cli_run().call_run(store).await?;
            end(store, until_idle).await;
            Ok::<_, wasmtime::Error>(result)
        })
        .await??;
    Ok(result)
}

/// Waits, after a function has returned, for the tasks that it has spawned, if `until_idle` is set.
pub(super) async fn end(store: &Accessor<Guest>, until_idle: bool) {
    if until_idle {
        poll_fn(|cx| store.poll_no_interesting_tasks(cx)).await;
    }
}
