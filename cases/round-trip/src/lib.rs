//! An exported async function that waits, and calls an imported one: bindings for an interface of
//! one's own.

use compat_api::clocks::monotonic_clock;

wit_bindgen::generate!({ world: "round-trip", path: "wit" });

use cases::round_trip::line;

struct RoundTrip;

export!(RoundTrip);

const MILLISECOND: u64 = 1_000_000;

impl exports::cases::round_trip::line::Guest for RoundTrip {
    async fn pass(text: String) -> String {
        monotonic_clock::wait_for(10 * MILLISECOND).await;
        let text = line::pass(format!("{text} > guest")).await;
        format!("{text} < guest")
    }
}
