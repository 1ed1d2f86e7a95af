//! A service in the types of the crate `http`, as other HTTP libraries have them. `/upper` answers
//! with the body in capital letters, frame by frame; `/as-is` with the body as it came; `/onward`
//! sends the request on to the URL in the header `url`, and answers with that answer.

use bytes::Bytes;
use compat_api::exports::http::handler::Guest;
use compat_api::http::client;
use compat_api::http::types::{self, ErrorCode};
use compat_api::http_compat::{
    Request, http_from_wasi_request, http_from_wasi_response, http_into_wasi_request,
    http_into_wasi_response,
};
use http::{Response, StatusCode, Uri};
use http_body_util::BodyExt;

struct HttpCrate;

compat_api::http::service::export!(HttpCrate);

impl Guest for HttpCrate {
    async fn handle(request: types::Request) -> Result<types::Response, ErrorCode> {
        let request = http_from_wasi_request(request)?;
        match request.uri().path() {
            "/upper" => upper(request),
            "/as-is" => http_into_wasi_response(Response::new(request.into_body())),
            "/onward" => onward(request).await,
            path => not_found(path),
        }
    }
}

fn upper(request: Request) -> Result<types::Response, ErrorCode> {
    let (head, body) = request.into_parts();
    let body = body
        .map_frame(|frame| frame.map_data(|data: Bytes| Bytes::from(data.to_ascii_uppercase())));
    let mut response = Response::new(body);
    // Which trailers will follow.
    if let Some(trailer) = head.headers.get("trailer") {
        response.headers_mut().insert("trailer", trailer.clone());
    }
    http_into_wasi_response(response)
}

async fn onward(request: Request) -> Result<types::Response, ErrorCode> {
    let (mut head, body) = request.into_parts();
    let url = head
        .headers
        .remove("url")
        .ok_or(ErrorCode::HttpRequestUriInvalid)?;
    head.uri = Uri::try_from(url.as_bytes()).map_err(|_| ErrorCode::HttpRequestUriInvalid)?;
    let request = http_into_wasi_request(Request::from_parts(head, body))?;
    let response = http_from_wasi_response(client::send(request).await?)?;
    let (mut head, body) = response.into_parts();
    head.headers
        .insert("x-onward", "yes".parse().expect("a valid value"));
    http_into_wasi_response(Response::from_parts(head, body))
}

fn not_found(path: &str) -> Result<types::Response, ErrorCode> {
    let mut response = Response::new(format!("no `{path}` here\n"));
    *response.status_mut() = StatusCode::NOT_FOUND;
    http_into_wasi_response(response)
}
