//! Signals that ask the server to end: the first in order, the second at once.

use crate::serve::Shutdown;
use std::io;

/// Listens for the signals from now on.
///
/// # Errors
/// If the system doesn't let us.
#[cfg(unix)]
pub(super) fn handle(shutdown: Shutdown) -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    tokio::spawn(async move {
        let mut next = async || {
            tokio::select! {
                _ = interrupt.recv() => SignalKind::interrupt(),
                _ = terminate.recv() => SignalKind::terminate(),
            }
        };
        next().await;
        begin(&shutdown);
        let signal = next().await;
        std::process::exit(128 + signal.as_raw_value());
    });
    Ok(())
}

/// Listens for ctrl-c from now on.
#[cfg(not(unix))]
pub(super) fn handle(shutdown: Shutdown) -> io::Result<()> {
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            begin(&shutdown);
        }
        if tokio::signal::ctrl_c().await.is_ok() {
            std::process::exit(130);
        }
    });
    Ok(())
}

fn begin(shutdown: &Shutdown) {
    tracing::info!(
        "shutting down once all requests are answered, within `--shutdown-timeout`; again to end at once"
    );
    shutdown.begin();
}
