//! The last of the components that have nothing to do.

use exports::bench::calls::neighbours::Guest;
use polyfill_guest::yield_async;

polyfill_guest::generate!({ world: "last-idle", path: "../wit" });

struct LastIdle;

export!(LastIdle);

impl Guest for LastIdle {
    async fn touch() -> u32 {
        yield_async().await;
        1
    }
}
