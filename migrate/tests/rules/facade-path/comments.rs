// What the handler needs.
use compat_api::p2::http::types::{
    ErrorCode, // of requests
    Method,
};
// The clock.
#[cfg(not(test))]
use compat_api::p2::clocks::monotonic_clock::now; // in nanoseconds

/// Calls `compat_api::p2::http::types`.
pub fn code(method: &Method) -> (ErrorCode, u64) {
    let _ = method;
    (/* always */ ErrorCode::ConnectionTimeout, now())
}

// isyswasfa: allow(facade-path) we compare both
pub use compat_api::p2::http::types::Scheme;
