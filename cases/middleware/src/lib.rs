//! Stands before another handler and speaks `deflate` for it: what the client compressed arrives there as it was, and the
//! answer is compressed if the client takes that. Bodies pass in pieces, as they come; trailers and errors pass as they are.

mod codec;
mod headers;
mod request;
mod response;

use compat_api::exports::http::handler::Guest;
use compat_api::http::types::{ErrorCode, Method, Request, Response};

wit_bindgen::generate!({
    world: "cases:middleware/next",
    path: ["../../wit/wasi/0.3", "wit"],
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
        let is_head = matches!(request.get_method(), Method::Head);
        let may_encode = !is_head && headers::accepts_deflate(&request.get_headers());
        let request = match headers::without_deflate(&request.get_headers()) {
            Some(headers) => request::decoded(request, headers)?,
            None => request,
        };
        let response = next::handle(request).await?;
        match headers::with_deflate(&response) {
            Some(headers) if may_encode => response::encoded(response, headers),
            _ => Ok(response),
        }
    }
}
