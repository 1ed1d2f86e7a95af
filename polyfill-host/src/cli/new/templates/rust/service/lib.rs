//! Answers every request.

use compat_api::clocks::monotonic_clock;
use compat_api::exports::http::handler::Guest;
use compat_api::http::types::{ErrorCode, Request, Response};
use compat_api::http_compat::{http_from_wasi_request, http_into_wasi_response};

struct Service;

compat_api::http::service::export!(Service);

impl Guest for Service {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        let request = http_from_wasi_request(request)?;
        println!("{} {}", request.method(), request.uri());
        monotonic_clock::wait_for(10_000_000).await; // nanoseconds
        let text = format!("Hello from {}!\n", request.uri().path());
        http_into_wasi_response(http::Response::new(text))
    }
}
