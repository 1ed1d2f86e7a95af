//! Runs a native 0.3 command.

use crate::guest::Guest;
use std::sync::Arc;
use wasmtime::Store;
use wasmtime::component::InstancePre;
use wasmtime_wasi::p3::bindings::CommandPre;

/// Calls `run`.
pub(super) async fn run(
    pre: InstancePre<Guest>,
    mut store: Store<Guest>,
) -> Result<Result<(), ()>, Arc<wasmtime::Error>> {
    let command = CommandPre::new(pre)?.instantiate_async(&mut store).await?;
    let result = store
        .run_concurrent(async |store| command.wasi_cli_run().call_run(store).await)
        .await??;
    Ok(result)
}
