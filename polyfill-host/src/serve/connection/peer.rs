//! Tells a client of HTTP/1 that has gone from one that has only said that it sends nothing more.

use super::activity::Activity;
use super::socket::Shared;
use std::time::Duration;
use tokio::io::Interest;
use tokio::time::Instant;

/// How often a connection is looked at whose client sends nothing more.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// Resolves when the client has gone.
///
/// The end of what a client sends does not mean that it went: it may have shut down its half of the connection, and wait for the
/// response (RFC 9112, 9.6). So that is found out: what comes next is begun early, by a byte, which a client that has gone answers
/// with a reset. That byte is the first one of the response, or of the next chunk. In a body without chunks, the guest's own bytes
/// have to do; if there are none for `timeout`, the client is taken to have gone.
pub(super) async fn gone(socket: &Shared, activity: &Activity, timeout: Duration) {
    if closed(socket).await {
        return;
    }
    let mut moved = (activity.writes(), Instant::now());
    let mut begun = None;
    loop {
        let writes = activity.writes();
        let answering = activity.is_answering();
        let asked = answering || activity.is_between_chunks();
        if asked && begun != Some((answering, writes)) {
            if answering {
                socket.begin_response()
            } else {
                socket.begin_chunk()
            }
            begun = Some((answering, writes));
        }
        if asked || writes != moved.0 || !activity.is_busy() {
            moved = (writes, Instant::now());
        }
        if moved.1.elapsed() >= timeout {
            return;
        }
        if tokio::time::timeout(LOOK_AGAIN, broken(socket))
            .await
            .is_ok()
        {
            return;
        }
    }
}

/// Resolves when the client sends nothing more, or the connection is broken; tells whether it is.
#[cfg(any(target_os = "linux", target_os = "android"))]
async fn closed(socket: &Shared) -> bool {
    // The priority data is a way to ask for the end alone: this socket is not registered for such.
    let ready = socket
        .stream
        .ready(Interest::PRIORITY | Interest::ERROR)
        .await;
    ready.map_or(true, |ready| ready.is_error())
}

/// Elsewhere there is no way to see the end behind bytes that nobody reads yet: hyper ends the connection when it sees it.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
async fn closed(_socket: &Shared) -> bool {
    std::future::pending().await
}

/// Resolves when the connection is broken.
async fn broken(socket: &Shared) {
    // An error of the registration is one, too.
    let _ = socket.stream.ready(Interest::ERROR).await;
}
