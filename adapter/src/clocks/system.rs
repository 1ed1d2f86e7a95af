//! `wasi:clocks/system-clock`.

use crate::Adapter;
use crate::bindings::p2::clocks::wall_clock;
use crate::bindings::p3::clocks::system_clock;

const SECOND: u64 = 1_000_000_000;

impl system_clock::Guest for Adapter {
    fn now() -> system_clock::Instant {
        let now = wall_clock::now();
        system_clock::Instant {
            // 292 billion years.
            seconds: i64::try_from(now.seconds).unwrap_or(i64::MAX),
            nanoseconds: now.nanoseconds,
        }
    }

    fn get_resolution() -> system_clock::Duration {
        let resolution = wall_clock::resolution();
        resolution
            .seconds
            .saturating_mul(SECOND)
            .saturating_add(resolution.nanoseconds.into())
    }
}
