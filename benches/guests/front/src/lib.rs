//! The first of three components: answers every request with what a call through the second one into the third gives.

use bench::calls::calls;
use compat_api::http::types::{ErrorCode, Fields, Request, Response};
use compat_api::{spawn_local, wit_future};

polyfill_guest::generate!({ world: "front", path: "../wit" });

struct Front;

compat_api::http::service::export!(Front);

impl compat_api::exports::http::handler::Guest for Front {
    async fn handle(_request: Request) -> Result<Response, ErrorCode> {
        let line = format!("{}\n", calls::ready(41).await);
        let (mut body, body_reader) = compat_api::wit_stream::new();
        let (trailers, trailers_reader) = wit_future::new(|| Ok(None));
        drop(trailers); // Writes the default: no trailers.
        spawn_local(async move {
            body.write_all(line.into_bytes()).await;
        });
        let (response, _sent) = Response::new(Fields::new(), Some(body_reader), trailers_reader);
        Ok(response)
    }
}
