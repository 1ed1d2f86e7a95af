//! What `callee` does with a call, written by hand for WASI 0.2.

use exports::bench::calls::sync_calls::Guest;

wit_bindgen::generate!({ world: "callee-sync", path: "../wit" });

struct Callee;

export!(Callee);

impl Guest for Callee {
    fn ready(a: u32) -> u32 {
        a.wrapping_add(1)
    }
}
