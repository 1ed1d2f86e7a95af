//! Runs an island of WASI 0.2: it makes the calls in its queue one after the other.

use super::island::{Death, Waiting};
use crate::guest::Guest;
use std::pin::pin;
use std::sync::Arc;
use tokio::sync::{mpsc, watch};
use wasmtime::component::InstancePre;
use wasmtime::{Result, Store};

/// Instantiates the island and makes its calls, until no more can come or the island traps. Then sets `death` to the reason.
pub(super) async fn run(
    pre: InstancePre<Guest>,
    store: Store<Guest>,
    mut calls: mpsc::Receiver<Waiting>,
    abandoned: watch::Sender<bool>,
    death: Death,
) {
    if let Err(reason) = serve(pre, store, &mut calls, &abandoned).await {
        // Set before waiting callers see that the queue is gone.
        let _ = death.set(Arc::new(reason));
    }
}

async fn serve(
    pre: InstancePre<Guest>,
    mut store: Store<Guest>,
    calls: &mut mpsc::Receiver<Waiting>,
    abandoned: &watch::Sender<bool>,
) -> Result<()> {
    let instance = pre.instantiate_async(&mut store).await?;
    while let Some(mut waiting) = calls.recv().await {
        // The caller gave up while the call waited.
        if waiting.reply.is_closed() {
            continue;
        }
        let func = waiting.func(&mut store, &instance)?;
        let mut results = waiting.results();
        let request = waiting.call.request;
        store.data().begin(request);
        {
            let done = func.call_async(&mut store, &waiting.call.arguments, &mut results);
            let mut done = pin!(done);
            tokio::select! {
                biased;
                done = &mut done => done?,
                () = waiting.reply.closed() => {
                    abandoned.send_replace(true);
                    done.await?;
                    abandoned.send_replace(false);
                }
            }
        }
        store.data().end(request);
        // The caller may have given up meanwhile.
        let _ = waiting.reply.send(results);
    }
    Ok(())
}
