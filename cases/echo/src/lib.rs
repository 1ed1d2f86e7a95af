//! `POST /echo` streams the body back. `POST /double-echo` sends it on to the URL in the header
//! `url`, and streams that answer back. Anything else is refused with 405.

use compat_api::exports::http::handler::Guest;
use compat_api::http::client;
use compat_api::http::types::{ErrorCode, Fields, Headers, Method, Request, Response, Scheme};
use compat_api::wit_future;

struct Echo;

compat_api::http::service::export!(Echo);

impl Guest for Echo {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        let path = request.get_path_with_query();
        match (request.get_method(), path.as_deref()) {
            (Method::Post, Some("/echo")) => Ok(echo(request)),
            (Method::Post, Some("/double-echo")) => double_echo(request).await,
            _ => Ok(empty(405)),
        }
    }
}

fn echo(request: Request) -> Response {
    let headers = content_type(&request.get_headers());
    let (body, trailers) = Request::consume_body(request, wit_future::new(|| Ok(())).1);
    Response::new(headers, Some(body), trailers).0
}

async fn double_echo(request: Request) -> Result<Response, ErrorCode> {
    let headers = request.get_headers();
    let Some((scheme, authority, path)) = target(&headers) else {
        return Ok(empty(400));
    };

    let (body, trailers) = Request::consume_body(request, wit_future::new(|| Ok(())).1);
    let (onward, _sent) = Request::new(content_type(&headers), Some(body), trailers, None);
    let valid = onward.set_method(&Method::Post).is_ok()
        && onward.set_scheme(Some(&scheme)).is_ok()
        && onward.set_authority(Some(&authority)).is_ok()
        && onward.set_path_with_query(Some(&path)).is_ok();
    if !valid {
        return Ok(empty(400));
    }

    let answer = client::send(onward).await?;
    let headers = content_type(&answer.get_headers());
    let (body, trailers) = Response::consume_body(answer, wit_future::new(|| Ok(())).1);
    Ok(Response::new(headers, Some(body), trailers).0)
}

/// The URL in the header `url`: scheme, authority, path with query.
fn target(headers: &Headers) -> Option<(Scheme, String, String)> {
    let url = String::from_utf8(headers.get("url").pop()?).ok()?;
    let (scheme, rest) = match url.split_once("://")? {
        ("http", rest) => (Scheme::Http, rest),
        ("https", rest) => (Scheme::Https, rest),
        _ => return None,
    };
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let path = if path.starts_with('/') {
        path.into()
    } else {
        format!("/{path}")
    };
    Some((scheme, authority.into(), path))
}

/// New headers with the `content-type` of `headers`.
fn content_type(headers: &Headers) -> Fields {
    let fields = Fields::new();
    let values = headers.get("content-type");
    if !values.is_empty() {
        fields
            .set("content-type", &values)
            .expect("new fields can be set");
    }
    fields
}

fn empty(status: u16) -> Response {
    let (response, _sent) = Response::new(Fields::new(), None, wit_future::new(|| Ok(None)).1);
    response.set_status_code(status).expect("a valid status");
    response
}
