//! A component that has nothing to do once it has been touched.

use bench::calls::neighbours;
use exports::bench::calls::neighbours::Guest;
use polyfill_guest::yield_async;

polyfill_guest::generate!({ world: "idle", path: "../wit" });

struct Idle;

export!(Idle);

impl Guest for Idle {
    async fn touch() -> u32 {
        yield_async().await;
        neighbours::touch().await + 1
    }
}
