//! The resource `response`.

use super::body::{Body, Contents, TrailersFuture, Transmitted};
use super::fields::Fields;
use super::received::Received;
use crate::bindings::p2::http::types::{IncomingResponse, OutgoingResponse};
use crate::bindings::p3::http::types::{self, ErrorCode, GuestResponse, Headers, StatusCode};
use polyfill_guest::StreamReader;
use std::cell::Cell;

/// The status of a response that was given none, here and in 0.2.
const DEFAULT: StatusCode = 200;

/// A response.
pub struct Response {
    status: Cell<StatusCode>,
    headers: Fields,
    body: Body,
}

impl Response {
    /// One that has come in.
    pub fn incoming(response: IncomingResponse) -> Self {
        // A copy: those of the response itself must not outlive it.
        let headers = Fields::received(response.headers().clone());
        Response {
            status: Cell::new(response.status()),
            headers,
            body: Body::received(Received::Response(response)),
        }
    }

    /// The head, for 0.2, how long the body must be, and the body.
    pub fn into_parts(self) -> (Result<(OutgoingResponse, Option<u64>), ErrorCode>, Body) {
        let head = self.headers.content_length().map(|length| {
            let head = OutgoingResponse::new(self.headers.into_p2());
            let status = self.status.get();
            if status != DEFAULT {
                // It is one of a final response: every host takes it.
                let _ = head.set_status_code(status);
            }
            (head, length)
        });
        (head, self.body)
    }
}

impl GuestResponse for Response {
    fn new(
        headers: Headers,
        contents: Option<StreamReader<u8>>,
        trailers: TrailersFuture,
    ) -> (types::Response, Transmitted) {
        let (body, transmitted) = Body::given(contents, trailers);
        let response = Response {
            status: Cell::new(DEFAULT),
            headers: headers.into_inner::<Fields>().frozen(),
            body,
        };
        (types::Response::new(response), transmitted)
    }

    fn get_status_code(&self) -> StatusCode {
        self.status.get()
    }

    fn set_status_code(&self, status_code: StatusCode) -> Result<(), ()> {
        // RFC 9110, section 15: those below come before a response, and others are no status.
        match status_code {
            200..=599 => {
                self.status.set(status_code);
                Ok(())
            }
            _ => Err(()),
        }
    }

    fn get_headers(&self) -> Headers {
        Headers::new(self.headers.frozen())
    }

    fn consume_body(this: types::Response, res: Transmitted) -> Contents {
        this.into_inner::<Response>().body.consume(res)
    }
}
