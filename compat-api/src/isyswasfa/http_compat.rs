//! Conversions between `wasi:http` and the crates `http` and `http-body`: the same items as `wasip3::http_compat`.

mod body_writer;
mod fields;
mod incoming;
mod method;
mod outgoing;
mod request;
mod response;
mod scheme;

pub use body_writer::{BodyResult, BodyWriter, Error};
pub use incoming::{IncomingBody, IncomingMessage};
pub use request::{RequestOptionsExtension, http_from_wasi_request, http_into_wasi_request};
pub use response::{http_from_wasi_response, http_into_wasi_response};

use crate::http::types::{self, ErrorCode};

/// The body of an incoming request.
pub type IncomingRequestBody = IncomingBody<types::Request>;

/// The body of an incoming response.
pub type IncomingResponseBody = IncomingBody<types::Response>;

/// A request of the crate `http`, by default an incoming one.
pub type Request<T = IncomingRequestBody> = ::http::Request<T>;

/// A response of the crate `http`, by default an incoming one.
pub type Response<T = IncomingResponseBody> = ::http::Response<T>;

type BoxError = Box<dyn std::error::Error + Send + Sync + 'static>;

fn internal(error: impl std::fmt::Display) -> ErrorCode {
    ErrorCode::InternalError(Some(error.to_string()))
}
