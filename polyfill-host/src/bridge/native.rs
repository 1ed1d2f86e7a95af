//! Runs an island of native WASI 0.3: it makes all calls in its queue at once.

use super::island::{Death, Waiting};
use crate::guest::Guest;
use futures::stream::{FuturesUnordered, StreamExt};
use std::sync::Arc;
use tokio::sync::mpsc;
use wasmtime::component::{Accessor, Instance, InstancePre};
use wasmtime::{Result, Store};

/// Instantiates the island and makes its calls, until no more can come or the island traps. Then sets `death` to the reason.
pub(super) async fn run(
    pre: InstancePre<Guest>,
    store: Store<Guest>,
    mut calls: mpsc::Receiver<Waiting>,
    death: Death,
) {
    if let Err(reason) = serve(pre, store, &mut calls).await {
        // Set before waiting callers see that the queue is gone.
        let _ = death.set(Arc::new(reason));
    }
}

async fn serve(
    pre: InstancePre<Guest>,
    mut store: Store<Guest>,
    calls: &mut mpsc::Receiver<Waiting>,
) -> Result<()> {
    let instance = pre.instantiate_async(&mut store).await?;
    store
        .run_concurrent(async |store| {
            let mut under_way = FuturesUnordered::new();
            loop {
                tokio::select! {
                    Some(done) = under_way.next() => done?,
                    call = calls.recv() => match call {
                        Some(call) => under_way.push(answer(store, instance, call)),
                        None => return Ok(()),
                    },
                }
            }
        })
        .await?
}

/// Makes one call.
async fn answer(store: &Accessor<Guest>, instance: Instance, waiting: Waiting) -> Result<()> {
    let func = store.with(|store| waiting.func(store, &instance))?;
    let mut results = waiting.results();
    func.call_concurrent(store, &waiting.call.arguments, &mut results)
        .await?;
    // The caller may have given up meanwhile.
    let _ = waiting.reply.send(results);
    Ok(())
}
