//! Passes calls on to `cancel`.
// What wit-bindgen makes natively of payloads without a value.
#![allow(clippy::unnecessary_operation)]

use exports::t::cancel::between::Guest;
use t::cancel::callee::{self, Thing};
use wit_bindgen::{FutureReader, StreamReader};

wit_bindgen::generate!({ world: "cancel-between", path: "../cancel/wit" });

struct Between;

export!(Between);

/// Says in the callee's log when it is dropped, which the callee hears of before.
struct Says;

impl Drop for Says {
    fn drop(&mut self) {
        callee::note("what is between is dropped");
    }
}

impl Guest for Between {
    async fn read_bytes(source: StreamReader<u8>) {
        let _says = Says;
        callee::read_bytes(source).await
    }

    async fn read_numbers(source: StreamReader<u32>) {
        let _says = Says;
        callee::read_numbers(source).await
    }

    async fn read_texts(source: StreamReader<String>) {
        let _says = Says;
        callee::read_texts(source).await
    }

    async fn read_things(source: StreamReader<Thing>) {
        let _says = Says;
        callee::read_things(source).await
    }

    async fn read_nothings(source: StreamReader<()>) {
        let _says = Says;
        callee::read_nothings(source).await
    }

    async fn read_text(source: FutureReader<String>) {
        let _says = Says;
        callee::read_text(source).await
    }

    async fn read_thing(source: FutureReader<Thing>) {
        let _says = Says;
        callee::read_thing(source).await
    }
}
