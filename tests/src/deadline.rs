//! A deadline for everything that tests wait for, so that they fail instead of hanging.

use std::pin::pin;
use std::time::Duration;

/// Far longer than any correct step takes, even on a busy machine.
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
