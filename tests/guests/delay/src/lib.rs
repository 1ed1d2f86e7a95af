//! Waits 100 ms, then lets the next handler answer.

use compat_api::clocks::monotonic_clock;
use compat_api::exports::http::handler::Guest;
use compat_api::http::types::{ErrorCode, Request, Response};

wit_bindgen::generate!({
    world: "tests:delay/next",
    path: "../../../wit/wasi/0.3",
    inline: "package tests:delay; world next { import wasi:http/handler@0.3.2; }",
    with: {
        "wasi:clocks/types@0.3.2": compat_api::clocks::types,
        "wasi:http/types@0.3.2": compat_api::http::types,
        "wasi:http/handler@0.3.2": generate,
    },
});

use wasi::http::handler as next;

struct Delay;

compat_api::http::service::export!(Delay);

const MILLISECOND: u64 = 1_000_000;

impl Guest for Delay {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        monotonic_clock::wait_for(100 * MILLISECOND).await;
        next::handle(request).await
    }
}
