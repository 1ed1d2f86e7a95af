//! The hooks of wasmtime's WASI HTTP, implemented so that all ABIs behave alike.

use http::HeaderName;
use wasmtime_wasi_http::p2::bindings::http::types as p2;
use wasmtime_wasi_http::p3::bindings::http::types as p3;
use wasmtime_wasi_http::{
    DEFAULT_FORBIDDEN_HEADERS, Error, RequestOptions, Result, WasiBody, WasiHttpHooks,
};

use super::client::Client;

/// How many bytes a guest of WASI 0.2 may write to a body at once.
pub(crate) const P2_BODY_CHUNK: usize = 256 << 10;

/// The hooks of `wasmtime_wasi_http` for one store, and of this crate's own WASI HTTP: requests go out through a [`Client`].
///
/// A clone shares its client's connections.
#[derive(Clone, Debug, Default)]
pub struct HttpHooks {
    client: Option<Client>,
}

impl HttpHooks {
    /// Hooks with this client; without a client, requests are denied (`HTTP-request-denied`).
    pub fn new(client: Option<Client>) -> Self {
        HttpHooks { client }
    }

    pub(crate) fn client(&self) -> Option<&Client> {
        self.client.as_ref()
    }
}

type Sent = Result<(
    http::Response<WasiBody>,
    Box<dyn Future<Output = Result<()>> + Send>,
)>;

impl WasiHttpHooks for HttpHooks {
    fn is_forbidden_header(&mut self, name: &HeaderName) -> bool {
        is_forbidden(name)
    }

    fn send_request(
        &mut self,
        request: http::Request<WasiBody>,
        options: Option<RequestOptions>,
        _fut: Box<dyn Future<Output = Result<()>> + Send>,
    ) -> Box<dyn Future<Output = Sent> + Send> {
        let client = self.client.clone();
        Box::new(async move {
            let client = client.ok_or(Error::HttpRequestDenied)?;
            let response = client.send(request, options.unwrap_or_default()).await?;
            // The client drives its connections itself.
            let done: Box<dyn Future<Output = Result<()>> + Send> = Box::new(async { Ok(()) });
            Ok((response, done))
        })
    }

    /// A quarter of wasmtime's default: each body that a guest has open holds up to twice this size.
    fn p2_outgoing_body_chunk_size(&mut self) -> usize {
        P2_BODY_CHUNK
    }

    fn p3_error_from_hyper(&mut self, error: &hyper::Error) -> p3::ErrorCode {
        super::error::code_from_error(&super::error::error_from_hyper(error))
    }

    fn p2_error_from_hyper(&mut self, error: &hyper::Error) -> p2::ErrorCode {
        match super::error::error_from_hyper(error) {
            Error::ConnectionReadTimeout => p2::ErrorCode::ConnectionReadTimeout,
            Error::ConnectionTerminated => p2::ErrorCode::ConnectionTerminated,
            Error::HttpResponseIncomplete => p2::ErrorCode::HttpResponseIncomplete,
            Error::HttpResponseHeaderSectionSize(size) => {
                p2::ErrorCode::HttpResponseHeaderSectionSize(size)
            }
            _ => p2::ErrorCode::HttpProtocolError,
        }
    }
}

/// The header fields that guests can neither see nor set: they belong to the connection, or to the host.
pub(crate) fn is_forbidden(name: &HeaderName) -> bool {
    static FORBIDDEN: [HeaderName; 9] = DEFAULT_FORBIDDEN_HEADERS;
    FORBIDDEN.contains(name)
}
