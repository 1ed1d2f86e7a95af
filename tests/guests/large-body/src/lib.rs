//! Large bodies in one go. `/write/N` answers with N bytes that are written at once, `/compat/N` with N bytes by `http_compat`;
//! `/collect` reads the request's body at once, and says how long it was.

use compat_api::exports::http::handler::Guest;
use compat_api::http::types::{ErrorCode, Fields, Request, Response};
use compat_api::http_compat::http_into_wasi_response;
use compat_api::{spawn_local, wit_future, wit_stream};

struct LargeBody;

compat_api::http::service::export!(LargeBody);

fn written(bytes: Vec<u8>) -> Response {
    let (mut writer, body) = wit_stream::new();
    spawn_local(async move { assert!(writer.write_all(bytes).await.is_empty()) });
    Response::new(Fields::new(), Some(body), wit_future::new(|| Ok(None)).1).0
}

impl Guest for LargeBody {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        let path = request.get_path_with_query().unwrap_or_default();
        let (how, size) = path.rsplit_once('/').unwrap_or_default();
        let bytes = || vec![b'x'; size.parse().expect("a number of bytes")];
        match how {
            "/write" => Ok(written(bytes())),
            "/compat" => {
                let body = String::from_utf8(bytes()).expect("it is ASCII");
                http_into_wasi_response(http::Response::new(body))
            }
            _ => {
                let (body, _) = Request::consume_body(request, wit_future::new(|| Ok(())).1);
                let length = body.collect().await.len();
                Ok(written(length.to_string().into_bytes()))
            }
        }
    }
}
