//! A deadline for everything that is waited for: a test fails, it does not hang.

use std::pin::pin;
use std::time::Duration;

/// Long beyond anything that works, on a machine with much else to do.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// The output of `future`.
///
/// # Panics
/// If it takes longer than [`DEADLINE`]; `what` says what was waited for.
pub async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(DEADLINE, pin!(future)).await {
        Ok(output) => output,
        Err(_) => panic!("{what}: not within {DEADLINE:?}"),
    }
}
