//! Answers every request with a few bytes.

use compat_api::http::types::{ErrorCode, Fields, Request, Response};
use compat_api::{spawn_local, wit_future, wit_stream};

struct Hello;

compat_api::http::service::export!(Hello);

impl compat_api::exports::http::handler::Guest for Hello {
    async fn handle(_request: Request) -> Result<Response, ErrorCode> {
        let (mut body, body_reader) = wit_stream::new();
        let (trailers, trailers_reader) = wit_future::new(|| Ok(None));
        drop(trailers); // Writes the default: no trailers.
        spawn_local(async move {
            body.write_all(b"Hello, world!\n".to_vec()).await;
        });
        let (response, _sent) = Response::new(Fields::new(), Some(body_reader), trailers_reader);
        Ok(response)
    }
}
