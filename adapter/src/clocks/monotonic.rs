//! `wasi:clocks/monotonic-clock`.

use crate::Adapter;
use crate::bindings::p2::clocks::monotonic_clock as p2;
use crate::bindings::p3::clocks::monotonic_clock;
use polyfill_guest::pollable;

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
