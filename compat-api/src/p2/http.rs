//! `wasi:http` of WASI 0.2.

mod body;
mod client;
mod fields;
mod incoming;
mod options;
mod outgoing;
mod outgoing_body;
mod outparam;

pub(crate) use outparam::serve;

/// `wasi:http/types`: requests, responses and what they consist of.
pub mod types {
    pub use super::body::{FutureTrailers, IncomingBody};
    pub use super::client::FutureIncomingResponse;
    pub use super::fields::{
        FieldKey, FieldName, FieldValue, Fields, HeaderError, Headers, Trailers,
    };
    pub use super::incoming::{IncomingRequest, IncomingResponse};
    pub use super::options::RequestOptions;
    pub use super::outgoing::{OutgoingRequest, OutgoingResponse};
    pub use super::outgoing_body::OutgoingBody;
    pub use super::outparam::ResponseOutparam;
    pub use crate::http::types::{
        DnsErrorPayload, ErrorCode, FieldSizePayload, Method, Scheme, StatusCode,
        TlsAlertReceivedPayload,
    };
    pub use crate::p2::clocks::monotonic_clock::Duration;
    pub use crate::p2::io::error::Error as IoError;
    pub use crate::p2::io::poll::Pollable;
    pub use crate::p2::io::streams::{InputStream, OutputStream};

    use crate::p2::io::error::Cause;

    /// What of HTTP has failed, if it was that.
    pub fn http_error_code(err: &IoError) -> Option<ErrorCode> {
        match &err.0 {
            Cause::Http(code) => Some(code.clone()),
            _ => None,
        }
    }
}

/// `wasi:http/outgoing-handler`: sending requests.
pub mod outgoing_handler {
    pub use super::client::handle;
    pub use super::types::{ErrorCode, FutureIncomingResponse, OutgoingRequest, RequestOptions};
}

/// The world `wasi:http/proxy`.
pub mod proxy {
    /// Exports a type that implements [`Guest`](crate::p2::exports::http::incoming_handler::Guest) as `wasi:http/handler` of
    /// WASI 0.3.
    ///
    /// ```
    /// use compat_api::p2;
    /// use p2::http::types::{Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam};
    ///
    /// struct Hello;
    ///
    /// impl p2::exports::http::incoming_handler::Guest for Hello {
    ///     async fn handle(_request: IncomingRequest, response_out: ResponseOutparam) {
    ///         let response = OutgoingResponse::new(Fields::new());
    ///         let body = response.body().expect("it has a body");
    ///         ResponseOutparam::set(response_out, Ok(response));
    ///         let stream = body.write().expect("it has a stream");
    ///         stream.blocking_write_and_flush(b"hello\n").await.expect("the client is there");
    ///         drop(stream);
    ///         OutgoingBody::finish(body, None).expect("it is complete");
    ///     }
    /// }
    ///
    /// p2::http::proxy::export!(Hello);
    /// ```
    #[doc(inline)]
    pub use crate::__export_p2_proxy as export;
}
