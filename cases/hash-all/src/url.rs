//! Makes a request of a URL.

use compat_api::http::types::{Fields, Request, Scheme};
use compat_api::wit_future;

/// `GET` of `url`; `None` if it is no absolute URL of HTTP.
pub fn get(url: &str) -> Option<Request> {
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

    let (request, _sent) = Request::new(Fields::new(), None, wit_future::new(|| Ok(None)).1, None);
    request.set_scheme(Some(&scheme)).ok()?;
    request.set_authority(Some(authority)).ok()?;
    request.set_path_with_query(Some(&path)).ok()?;
    Some(request)
}
