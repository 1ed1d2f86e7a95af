//! Answers each request with its own headers, body and trailers. The body is never here: the
//! host is handed the stream that it gave.

use compat_api::exports::http::handler::Guest;
use compat_api::http::types::{ErrorCode, Request, Response};
use compat_api::wit_future;

struct Service;

compat_api::http::service::export!(Service);

impl Guest for Service {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        let headers = request.get_headers().clone();
        // Tells the client's side how we fared with its body: well, unless we say otherwise.
        let (_, fared) = wit_future::new(|| Ok(()));
        let (body, trailers) = Request::consume_body(request, fared);
        let (response, _sent) = Response::new(headers, Some(body), trailers);
        Ok(response)
    }
}
