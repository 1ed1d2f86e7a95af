//! What `relay` does with a call, written by hand for WASI 0.2.

use bench::calls::sync_calls;
use exports::bench::calls::sync_calls::Guest;

wit_bindgen::generate!({ world: "relay-sync", path: "../wit" });

struct Relay;

export!(Relay);

impl Guest for Relay {
    fn ready(a: u32) -> u32 {
        sync_calls::ready(a)
    }
}
