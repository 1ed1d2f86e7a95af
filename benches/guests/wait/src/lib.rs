//! Answers every request with a few bytes, after 100 ms.

use compat_api::clocks::monotonic_clock;
use compat_api::http::types::{ErrorCode, Fields, Request, Response};
use compat_api::{spawn_local, wit_future, wit_stream};

struct Wait;

compat_api::http::service::export!(Wait);

const MILLISECOND: u64 = 1_000_000;

impl compat_api::exports::http::handler::Guest for Wait {
    async fn handle(_request: Request) -> Result<Response, ErrorCode> {
        monotonic_clock::wait_for(100 * MILLISECOND).await;
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
