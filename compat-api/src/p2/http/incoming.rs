//! Requests and responses that come.

use super::body::IncomingBody;
use super::fields::{Fields, Headers};
use crate::http::types as p3;
use crate::http::types::{Method, Scheme, StatusCode};
use crate::p2::local::Local;
use std::cell::RefCell;
use std::fmt;

/// A request that has come.
pub struct IncomingRequest {
    method: Method,
    path_with_query: Option<String>,
    scheme: Option<Scheme>,
    authority: Option<String>,
    headers: p3::Fields,
    /// None: the body was taken.
    request: Local<RefCell<Option<p3::Request>>>,
}

impl IncomingRequest {
    /// Its method.
    pub fn method(&self) -> Method {
        self.method.clone()
    }

    /// Path and query.
    pub fn path_with_query(&self) -> Option<String> {
        self.path_with_query.clone()
    }

    /// The scheme, if it is known.
    pub fn scheme(&self) -> Option<Scheme> {
        self.scheme.clone()
    }

    /// The host, with a port if there is one.
    pub fn authority(&self) -> Option<String> {
        self.authority.clone()
    }

    /// Its headers.
    pub fn headers(&self) -> Headers {
        Fields::of_message(&self.headers)
    }

    /// The body, once.
    #[expect(clippy::result_unit_err, reason = "as in `wasip2`")]
    pub fn consume(&self) -> Result<IncomingBody, ()> {
        let request = self.request.borrow_mut().take().ok_or(())?;
        Ok(IncomingBody::new(|read| {
            p3::Request::consume_body(request, read)
        }))
    }

    /// The request of 0.3, unless the body was taken.
    pub fn into_request(self) -> Option<p3::Request> {
        self.request.into_inner().into_inner()
    }
}

impl From<p3::Request> for IncomingRequest {
    fn from(request: p3::Request) -> Self {
        IncomingRequest {
            method: request.get_method(),
            path_with_query: request.get_path_with_query(),
            scheme: request.get_scheme(),
            authority: request.get_authority(),
            headers: request.get_headers(),
            request: Local::new(RefCell::new(Some(request))),
        }
    }
}

impl fmt::Debug for IncomingRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IncomingRequest").finish_non_exhaustive()
    }
}

/// A response that has come.
pub struct IncomingResponse {
    status: StatusCode,
    headers: p3::Fields,
    /// None: the body was taken.
    response: Local<RefCell<Option<p3::Response>>>,
}

impl IncomingResponse {
    /// Its status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Its headers.
    pub fn headers(&self) -> Headers {
        Fields::of_message(&self.headers)
    }

    /// The body, once.
    #[expect(clippy::result_unit_err, reason = "as in `wasip2`")]
    pub fn consume(&self) -> Result<IncomingBody, ()> {
        let response = self.response.borrow_mut().take().ok_or(())?;
        Ok(IncomingBody::new(|read| {
            p3::Response::consume_body(response, read)
        }))
    }

    /// The response of 0.3, unless the body was taken.
    pub fn into_response(self) -> Option<p3::Response> {
        self.response.into_inner().into_inner()
    }
}

impl From<p3::Response> for IncomingResponse {
    fn from(response: p3::Response) -> Self {
        IncomingResponse {
            status: response.get_status_code(),
            headers: response.get_headers(),
            response: Local::new(RefCell::new(Some(response))),
        }
    }
}

impl fmt::Debug for IncomingResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("IncomingResponse").finish_non_exhaustive()
    }
}
