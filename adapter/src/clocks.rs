//! `wasi:clocks`.

use crate::Adapter;
use crate::bindings::p2::clocks::{monotonic_clock as p2, wall_clock};
use crate::bindings::p3::clocks::{monotonic_clock, system_clock};
use polyfill_guest::pollable;

const SECOND: u64 = 1_000_000_000;

impl monotonic_clock::Guest for Adapter {
    fn now() -> monotonic_clock::Mark {
        p2::now()
    }

    fn get_resolution() -> monotonic_clock::Duration {
        p2::resolution()
    }

    async fn wait_until(when: monotonic_clock::Mark) {
        // Mostly there is something to wait for; if not, this saves a pollable.
        if when > p2::now() {
            pollable!(p2::subscribe_instant(when)).await;
        }
    }

    async fn wait_for(how_long: monotonic_clock::Duration) {
        if how_long > 0 {
            pollable!(p2::subscribe_duration(how_long)).await;
        }
    }
}

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
