//! The component that calls one of many.

use bench::calls::{calls, neighbours};
use exports::bench::calls::among::Guest;
use std::hint::black_box;

polyfill_guest::generate!({ world: "among-caller", path: "../wit" });

struct Among;

export!(Among);

impl Guest for Among {
    async fn touch() -> u32 {
        neighbours::touch().await
    }

    async fn call_pending(n: u64) {
        for i in 0..n {
            black_box(calls::pending(i as u32).await);
        }
    }
}
