//! Takes a list, by a function that is not async.

use exports::bench::lists::lists::Guest;

wit_bindgen::generate!({ world: "bench:lists/callee", path: "../wit-lists-sync" });

struct Callee;

export!(Callee);

impl Guest for Callee {
    fn length(bytes: Vec<u8>) -> u32 {
        bytes.len() as u32
    }
}
