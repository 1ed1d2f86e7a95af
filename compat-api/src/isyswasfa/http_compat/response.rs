//! Conversions of responses.

use super::incoming::IncomingBody;
use super::{BoxError, internal, outgoing};
use crate::http::types::{ErrorCode, Response};
use http_body::Body;
use std::any::Any;

/// A `response` with the head of `response`, whose body a task of its own writes as it is
/// read. An incoming body that nothing has read from is passed on as it is.
pub fn http_into_wasi_response<T>(response: super::Response<T>) -> Result<Response, ErrorCode>
where
    T: Body + Any,
    T::Data: Into<Vec<u8>>,
    T::Error: Into<BoxError>,
{
    let (head, body) = response.into_parts();
    let headers = head.headers.try_into().map_err(internal)?;
    let (stream, result) = outgoing::contents(body);
    let (response, _sent) = Response::new(headers, Some(stream), result);
    response
        .set_status_code(head.status.as_u16())
        .map_err(|()| internal(format!("the host refuses the status `{}`", head.status)))?;
    Ok(response)
}

/// A response of the crate `http`, whose body is read from `response`.
pub fn http_from_wasi_response(response: Response) -> Result<super::Response, ErrorCode> {
    let mut builder = ::http::Response::builder().status(response.get_status_code());
    for (name, value) in response.get_headers().copy_all() {
        builder = builder.header(name, value);
    }
    builder.body(IncomingBody::new(response)?).map_err(internal)
}
