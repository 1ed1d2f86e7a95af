//! A deadline for everything that tests wait for, so that they fail instead of hanging.

use std::pin::pin;
use std::time::Duration;

/// Far longer than any correct step takes, even on a busy machine.
pub const DEADLINE: Duration = Duration::from_secs(60);

/// The same for a program that first compiles a component with an interpreter in it.
pub const COMPILING: Duration = Duration::from_secs(300);

/// The output of `future`.
///
/// # Panics
/// If it takes longer than [`DEADLINE`]; `what` says what was waited for.
pub async fn within<T>(what: &str, future: impl Future<Output = T>) -> T {
    within_time(DEADLINE, what, future).await
}

/// The output of `future`.
///
/// # Panics
/// If it takes longer than `limit`; `what` says what was waited for.
pub async fn within_time<T>(limit: Duration, what: &str, future: impl Future<Output = T>) -> T {
    match tokio::time::timeout(limit, pin!(future)).await {
        Ok(output) => output,
        Err(_) => panic!("{what}: not within {limit:?}"),
    }
}
