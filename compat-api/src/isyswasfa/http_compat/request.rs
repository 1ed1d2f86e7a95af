//! Conversions of requests.

use super::incoming::IncomingBody;
use super::{BoxError, internal, outgoing};
use crate::http::types::{ErrorCode, Request, RequestOptions};
use ::http::header::HOST;
use ::http::{HeaderMap, Uri};
use http_body::Body;
use std::any::Any;

/// The `request-options`, as an extension of a request of the crate `http`.
pub struct RequestOptionsExtension(pub RequestOptions);

impl Clone for RequestOptionsExtension {
    fn clone(&self) -> Self {
        // The resource's own `clone`: a deep copy.
        Self(self.0.clone())
    }
}

/// A `request` with the head of `request`, whose body a task of its own writes as it is
/// read. An incoming body that nothing has read from is passed on as it is. A header
/// `host` becomes the authority, and must not contradict the URI.
pub fn http_into_wasi_request<T>(request: super::Request<T>) -> Result<Request, ErrorCode>
where
    T: Body + Any,
    T::Data: Into<Vec<u8>>,
    T::Error: Into<BoxError>,
{
    let (mut head, body) = request.into_parts();
    let options = head
        .extensions
        .remove::<RequestOptionsExtension>()
        .map(|extension| extension.0);
    let authority = authority(&head.uri, &mut head.headers)?;
    let headers = head.headers.try_into().map_err(internal)?;
    let (stream, result) = outgoing::contents(body);

    let (request, _sent) = Request::new(headers, Some(stream), result, options);
    request
        .set_method(&head.method.into())
        .map_err(|()| ErrorCode::HttpRequestMethodInvalid)?;
    let scheme = head.uri.scheme().map(Into::into);
    request
        .set_scheme(scheme.as_ref())
        .map_err(|()| ErrorCode::HttpProtocolError)?;
    request
        .set_authority(authority.as_deref())
        .map_err(|()| ErrorCode::HttpRequestUriInvalid)?;
    let path = head.uri.path_and_query().map(|path| path.as_str());
    request
        .set_path_with_query(path)
        .map_err(|()| ErrorCode::HttpRequestUriInvalid)?;
    Ok(request)
}

/// A request of the crate `http`, whose body is read from `request`.
pub fn http_from_wasi_request(request: Request) -> Result<super::Request, ErrorCode> {
    let mut uri = Uri::builder();
    if let Some(scheme) = request.get_scheme() {
        uri = uri.scheme(scheme);
    }
    if let Some(authority) = request.get_authority() {
        uri = uri.authority(authority);
    }
    if let Some(path) = request.get_path_with_query() {
        uri = uri.path_and_query(path);
    }
    let uri = uri.build().map_err(|_| ErrorCode::HttpRequestUriInvalid)?;

    let mut builder = ::http::Request::builder()
        .method(request.get_method())
        .uri(uri);
    if let Some(options) = request.get_options() {
        builder = builder.extension(RequestOptionsExtension(options));
    }
    for (name, value) in request.get_headers().copy_all() {
        builder = builder.header(name, value);
    }
    builder.body(IncomingBody::new(request)?).map_err(internal)
}

/// The URI's authority, or that of the header `host`, which `wasi:http` does not accept as a header.
fn authority(uri: &Uri, headers: &mut HeaderMap) -> Result<Option<String>, ErrorCode> {
    let host = headers
        .remove(HOST)
        .map(|host| host.to_str().map(str::to_owned).map_err(internal))
        .transpose()?;
    match (uri.authority(), host) {
        (Some(authority), Some(host)) if *authority != host.as_str() => Err(internal(format!(
            "the header `host` is `{host}`, but the URI has `{authority}`"
        ))),
        (Some(authority), _) => Ok(Some(authority.to_string())),
        (None, host) => Ok(host),
    }
}
