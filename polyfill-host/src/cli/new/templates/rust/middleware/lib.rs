//! Passes requests on, and says how long each took.

use compat_api::exports::http::handler::Guest;
use compat_api::http::types::{ErrorCode, Request, Response};
use std::time::Instant;

wit_bindgen::generate!({
    world: "next",
    path: "wit",
    with: {
        "wasi:clocks/types@0.3.2": compat_api::clocks::types,
        "wasi:http/types@0.3.2": compat_api::http::types,
        "wasi:http/handler@0.3.2": generate,
    },
});

use wasi::http::handler as next;

struct Middleware;

compat_api::http::service::export!(Middleware);

impl Guest for Middleware {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        let path = request.get_path_with_query().unwrap_or_default();
        let begin = Instant::now();
        let response = next::handle(request).await?;
        println!(
            "{path}: {} after {:?}",
            response.get_status_code(),
            begin.elapsed()
        );
        Ok(response)
    }
}
