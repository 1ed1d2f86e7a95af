//! A component between the one that calls and the one that is called: it passes every call on.

use bench::calls::calls;
use exports::bench::calls::calls::{Guest, Sample};
use polyfill_guest::StreamReader;

polyfill_guest::generate!({ world: "relay", path: "../wit" });

struct Relay;

export!(Relay);

impl Guest for Relay {
    fn add(a: u32, b: u32) -> u32 {
        calls::add(a, b)
    }

    async fn ready(a: u32) -> u32 {
        calls::ready(a).await
    }

    async fn pending(a: u32) -> u32 {
        calls::pending(a).await
    }

    async fn bytes(total: u64, chunk: u32) -> StreamReader<u8> {
        calls::bytes(total, chunk).await
    }

    async fn numbers(count: u32) -> StreamReader<u32> {
        calls::numbers(count).await
    }

    async fn samples(count: u32, at_once: u32) -> StreamReader<Sample> {
        calls::samples(count, at_once).await
    }

    async fn parked(until: StreamReader<u8>) {
        calls::parked(until).await;
    }
}
