//! What the server asks of a loaded component: a response for a request, whatever its ABI.

use super::exchange::Exchange;
use crate::escape;
use http::{Request, Response, StatusCode};
use std::sync::Arc;
use wasmtime_wasi_http::WasiBody;

/// A component that answers requests.
pub trait Handler: Send + Sync + 'static {
    /// Answers one request.
    ///
    /// # Cancellation
    /// Dropping the future means that the client has gone; `exchange` has been told so.
    fn handle(
        &self,
        exchange: &Arc<Exchange>,
        request: Request<WasiBody>,
    ) -> impl Future<Output = Result<Response<WasiBody>, Failure>> + Send;

    /// How many requests it can work on at once, roughly: what the shares of clients are parts of.
    fn capacity(&self) -> usize {
        usize::MAX
    }

    /// The server has ended: instances that go from now on do so for that reason, and need no report.
    fn close(&self) {}
}

/// Why a request has no response. The reason is in the log already, where one belongs there.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The guest trapped, in this request or in one that shared its instance.
    #[error("the guest trapped")]
    Trapped,
    /// The guest did not answer in time.
    #[error("the guest did not answer in time")]
    TimedOut,
    /// No instance could be made.
    #[error("no instance of the component could be made: {0:#}")]
    NoInstance(Arc<wasmtime::Error>),
    /// The guest's handler returned this error code.
    #[error("the guest's handler answered {}", escape::short(.0))]
    ErrorCode(String),
    /// The guest's handler returned without setting a response (WASI 0.2).
    #[error("the guest's handler returned without a response")]
    NoResponse,
}

impl Failure {
    /// The status that the client gets.
    pub fn status(&self) -> StatusCode {
        match self {
            Failure::TimedOut => StatusCode::GATEWAY_TIMEOUT,
            Failure::Trapped
            | Failure::NoInstance(_)
            | Failure::ErrorCode(_)
            | Failure::NoResponse => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}
