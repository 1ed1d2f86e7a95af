//! The interface between the server and a loaded component of any ABI: a response for a request.

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
    /// Dropping the future means that the client has gone; `exchange` knows it then.
    fn handle(
        &self,
        exchange: &Arc<Exchange>,
        request: Request<WasiBody>,
    ) -> impl Future<Output = Result<Response<WasiBody>, Failure>> + Send;

    /// The approximate number of requests that it can work on at once. Clients get shares of it.
    fn capacity(&self) -> usize {
        usize::MAX
    }

    /// Notes that the server has ended: instances that end from now on need no report.
    fn close(&self) {}
}

/// Why a request has no response. Details that belong in the log are there already.
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
