//! Requests and responses that go.

use super::fields::{Fields, Headers};
use super::outgoing_body::{Contents, OutgoingBody};
use crate::http::types as p3;
use crate::http::types::{ErrorCode, Method, Scheme, StatusCode};
use crate::p2::local::Local;
use std::cell::{Cell, OnceCell, RefCell};
use std::fmt;

/// A request to send.
pub struct OutgoingRequest(Local<Request>);

struct Request {
    head: RefCell<Head>,
    headers: p3::Fields,
    body: Body,
    /// Says what a request takes.
    draft: OnceCell<p3::Request>,
}

#[derive(Clone)]
struct Head {
    method: Method,
    path_with_query: Option<String>,
    scheme: Option<Scheme>,
    authority: Option<String>,
}

impl OutgoingRequest {
    /// `GET`, and nothing else but the headers.
    pub fn new(headers: Headers) -> Self {
        OutgoingRequest(Local::new(Request {
            head: RefCell::new(Head {
                method: Method::Get,
                path_with_query: None,
                scheme: None,
                authority: None,
            }),
            headers: headers.into(),
            body: Body::default(),
            draft: OnceCell::new(),
        }))
    }

    /// The body, once.
    #[expect(clippy::result_unit_err, reason = "as in `wasip2`")]
    pub fn body(&self) -> Result<OutgoingBody, ()> {
        self.0
            .body
            .begin(&self.0.headers, ErrorCode::HttpRequestBodySize)
    }

    /// Its method.
    pub fn method(&self) -> Method {
        self.0.head.borrow().method.clone()
    }

    /// Sets its method.
    #[expect(clippy::result_unit_err, reason = "as in `wasip2`")]
    pub fn set_method(&self, method: &Method) -> Result<(), ()> {
        self.draft().set_method(method)?;
        self.0.head.borrow_mut().method = method.clone();
        Ok(())
    }

    /// Path and query.
    pub fn path_with_query(&self) -> Option<String> {
        self.0.head.borrow().path_with_query.clone()
    }

    /// Sets path and query.
    #[expect(clippy::result_unit_err, reason = "as in `wasip2`")]
    pub fn set_path_with_query(&self, path_with_query: Option<&str>) -> Result<(), ()> {
        self.draft().set_path_with_query(path_with_query)?;
        self.0.head.borrow_mut().path_with_query = path_with_query.map(str::to_owned);
        Ok(())
    }

    /// Its scheme.
    pub fn scheme(&self) -> Option<Scheme> {
        self.0.head.borrow().scheme.clone()
    }

    /// Sets its scheme.
    #[expect(clippy::result_unit_err, reason = "as in `wasip2`")]
    pub fn set_scheme(&self, scheme: Option<&Scheme>) -> Result<(), ()> {
        self.draft().set_scheme(scheme)?;
        self.0.head.borrow_mut().scheme = scheme.cloned();
        Ok(())
    }

    /// The host, with a port if there is one.
    pub fn authority(&self) -> Option<String> {
        self.0.head.borrow().authority.clone()
    }

    /// Sets the host.
    #[expect(clippy::result_unit_err, reason = "as in `wasip2`")]
    pub fn set_authority(&self, authority: Option<&str>) -> Result<(), ()> {
        self.draft().set_authority(authority)?;
        self.0.head.borrow_mut().authority = authority.map(str::to_owned);
        Ok(())
    }

    /// Its headers.
    pub fn headers(&self) -> Headers {
        Fields::of_message(&self.0.headers)
    }

    /// The request of 0.3.
    pub fn into_request(
        self,
        options: Option<p3::RequestOptions>,
    ) -> Result<p3::Request, ErrorCode> {
        let Request {
            head,
            headers,
            body,
            draft,
        } = self.0.into_inner();
        drop(draft);
        let head = head.into_inner();
        let request = body
            .contents()
            .into_message(|stream, trailers| p3::Request::new(headers, stream, trailers, options));
        request
            .set_method(&head.method)
            .map_err(|()| ErrorCode::HttpRequestMethodInvalid)?;
        request
            .set_path_with_query(head.path_with_query.as_deref())
            .and_then(|()| request.set_scheme(head.scheme.as_ref()))
            .and_then(|()| request.set_authority(head.authority.as_deref()))
            .map_err(|()| ErrorCode::HttpRequestUriInvalid)?;
        Ok(request)
    }

    fn draft(&self) -> &p3::Request {
        self.0.draft.get_or_init(|| {
            Contents::none().into_message(|stream, trailers| {
                p3::Request::new(p3::Fields::new(), stream, trailers, None)
            })
        })
    }
}

impl fmt::Debug for OutgoingRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutgoingRequest").finish_non_exhaustive()
    }
}

/// A response to send.
pub struct OutgoingResponse(Local<Response>);

struct Response {
    status_code: Cell<StatusCode>,
    headers: p3::Fields,
    body: Body,
}

impl OutgoingResponse {
    /// 200, with these headers.
    pub fn new(headers: Headers) -> Self {
        OutgoingResponse(Local::new(Response {
            status_code: Cell::new(200),
            headers: headers.into(),
            body: Body::default(),
        }))
    }

    /// Its status.
    pub fn status_code(&self) -> StatusCode {
        self.0.status_code.get()
    }

    /// Sets its status.
    #[expect(clippy::result_unit_err, reason = "as in `wasip2`")]
    pub fn set_status_code(&self, status_code: StatusCode) -> Result<(), ()> {
        match status_code {
            100..=999 => self.0.status_code.set(status_code),
            _ => return Err(()),
        }
        Ok(())
    }

    /// Its headers.
    pub fn headers(&self) -> Headers {
        Fields::of_message(&self.0.headers)
    }

    /// The body, once.
    #[expect(clippy::result_unit_err, reason = "as in `wasip2`")]
    pub fn body(&self) -> Result<OutgoingBody, ()> {
        self.0
            .body
            .begin(&self.0.headers, ErrorCode::HttpResponseBodySize)
    }

    /// The response of 0.3.
    pub fn into_response(self) -> Result<p3::Response, ErrorCode> {
        let Response {
            status_code,
            headers,
            body,
        } = self.0.into_inner();
        let response = body
            .contents()
            .into_message(|stream, trailers| p3::Response::new(headers, stream, trailers));
        response
            .set_status_code(status_code.get())
            .map_err(|()| ErrorCode::InternalError(Some("the status is not one".to_owned())))?;
        Ok(response)
    }
}

impl fmt::Debug for OutgoingResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutgoingResponse").finish_non_exhaustive()
    }
}

/// The body of a message, if it was asked for.
#[derive(Default)]
struct Body(RefCell<Option<Contents>>);

impl Body {
    fn begin(
        &self,
        headers: &p3::Fields,
        wrong_length: fn(Option<u64>) -> ErrorCode,
    ) -> Result<OutgoingBody, ()> {
        let mut contents = self.0.borrow_mut();
        if contents.is_some() {
            return Err(());
        }
        let (body, new) = OutgoingBody::new(headers, wrong_length);
        *contents = Some(new);
        Ok(body)
    }

    fn contents(self) -> Contents {
        self.0.into_inner().unwrap_or_else(Contents::none)
    }
}
