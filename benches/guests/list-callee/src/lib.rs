//! Takes a list.

use exports::bench::lists::lists::Guest;

polyfill_guest::generate!({ world: "bench:lists/callee", path: "../wit-lists" });

struct Callee;

export!(Callee);

impl Guest for Callee {
    async fn length(bytes: Vec<u8>) -> u32 {
        bytes.len() as u32
    }
}
