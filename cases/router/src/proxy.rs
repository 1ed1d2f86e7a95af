//! Sends a request over the network, to the URL that it names, and answers what comes back.

use crate::empty;
use compat_api::http::client;
use compat_api::http::types::{ErrorCode, Request, Response, Scheme};
use compat_api::{spawn_local, wit_future};

/// The header that names the URL; the request goes there without it.
const URL: &str = "url";

/// Headers, body and trailers are passed on in both directions; nothing of the body is ever here.
pub async fn forward(request: Request) -> Result<Response, ErrorCode> {
    let headers = request.get_headers().clone();
    let Some((scheme, authority, path)) = headers.get(URL).pop().and_then(target) else {
        return Ok(empty(400));
    };
    if headers.delete(URL).is_err() {
        return Ok(empty(400));
    }
    let method = request.get_method();
    let options = request.get_options();
    // How the server fared with the body is how we did.
    let (fared, on_fared) = wit_future::new(|| Ok(()));
    let (body, trailers) = Request::consume_body(request, on_fared);
    let (onward, sent) = Request::new(headers, Some(body), trailers, options);
    spawn_local(async move {
        // Whoever sent the request may be gone.
        let _ = fared.write(sent.await).await;
    });
    let valid = onward.set_method(&method).is_ok()
        && onward.set_scheme(Some(&scheme)).is_ok()
        && onward.set_authority(Some(&authority)).is_ok()
        && onward.set_path_with_query(Some(&path)).is_ok();
    if !valid {
        return Ok(empty(400));
    }
    client::send(onward).await
}

/// Scheme, authority, and path with query of an absolute URL of HTTP.
fn target(url: Vec<u8>) -> Option<(Scheme, String, String)> {
    let url = String::from_utf8(url).ok()?;
    let (scheme, rest) = match url.split_once("://")? {
        ("http", rest) => (Scheme::Http, rest),
        ("https", rest) => (Scheme::Https, rest),
        _ => return None,
    };
    let (authority, path) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let path = if path.starts_with('/') {
        path.to_owned()
    } else {
        format!("/{path}")
    };
    Some((scheme, authority.to_owned(), path))
}
