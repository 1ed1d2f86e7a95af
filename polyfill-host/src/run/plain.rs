//! Runs a 0.2 command.

use crate::guest::Guest;
use std::sync::Arc;
use wasmtime::Store;
use wasmtime::component::InstancePre;
use wasmtime_wasi::p2::bindings::CommandPre;

/// Calls `run`.
pub(super) async fn run(
    pre: InstancePre<Guest>,
    mut store: Store<Guest>,
) -> Result<Result<(), ()>, Arc<wasmtime::Error>> {
    let command = CommandPre::new(pre)?.instantiate_async(&mut store).await?;
    Ok(command.wasi_cli_run().call_run(&mut store).await?)
}
