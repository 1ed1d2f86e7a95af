//! Detects that a client of HTTP/1 has gone, and has not just shut down its half of the connection.

use super::activity::Activity;
use super::socket::Shared;
use std::time::Duration;
use tokio::io::Interest;
use tokio::time::Instant;

/// How often to check a connection whose client sends nothing more.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// Resolves when the client has gone.
///
/// A client that sends nothing more may still wait for the response: it may have shut down its half of the connection (RFC
/// 9112, 9.6). To find out, the server writes one byte early: the first one of the response, or of the next chunk. A client
/// that has gone answers with a reset. In a body without chunks, only the guest's own bytes can be sent; if there are none for
/// `timeout`, the client counts as gone.
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

/// Resolves when the client sends nothing more, or the connection is broken. Returns whether it is broken.
#[cfg(any(target_os = "linux", target_os = "android"))]
async fn closed(socket: &Shared) -> bool {
    // The socket is not registered for priority data, so this interest only reports the end.
    let ready = socket
        .stream
        .ready(Interest::PRIORITY | Interest::ERROR)
        .await;
    ready.map_or(true, |ready| ready.is_error())
}

/// Other systems do not show the end behind unread bytes: hyper ends the connection when it reads the end.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
async fn closed(_socket: &Shared) -> bool {
    std::future::pending().await
}

/// Resolves when the connection is broken.
async fn broken(socket: &Shared) {
    // An error of the registration counts as well.
    let _ = socket.stream.ready(Interest::ERROR).await;
}
