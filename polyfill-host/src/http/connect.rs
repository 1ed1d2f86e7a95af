//! Opens connections: name, TCP, TLS, HTTP/1.1.

use std::io;
use std::sync::{Arc, OnceLock};

use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, lookup_host};
use tokio::sync::oneshot;
use tokio_rustls::TlsConnector;
use wasmtime_wasi_http::{Error, WasiBody};

use super::error::{error_from_hyper, error_from_io};

/// The TLS configuration, made when it is first needed: reading the system's certificates takes a while.
#[derive(Default)]
pub(crate) struct Tls(OnceLock<Arc<ClientConfig>>);

impl Tls {
    fn config(&self) -> Result<Arc<ClientConfig>, Error> {
        if let Some(config) = self.0.get() {
            return Ok(config.clone());
        }
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| Error::InternalError(Some(error.to_string())))?
            .with_root_certificates(roots())
            .with_no_client_auth();
        Ok(self.0.get_or_init(|| Arc::new(config)).clone())
    }
}

fn roots() -> RootCertStore {
    let mut roots = RootCertStore::empty();
    let found = rustls_native_certs::load_native_certs();
    for error in &found.errors {
        tracing::warn!("failed to read a trusted certificate: {error}");
    }
    // Systems have certificates that can't be parsed; those are left out.
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    roots
}

/// A connection that is ready for a request. A task drives it until it is closed.
pub(crate) struct Connected {
    pub sender: SendRequest<WasiBody>,
    /// Why the connection broke while no request was under way. A later request gets only "canceled" from hyper.
    pub broken: oneshot::Receiver<Error>,
}

/// Opens a connection, with TLS if `tls` is given.
pub(crate) async fn connect(tls: Option<&Tls>, host: &str, port: u16) -> Result<Connected, Error> {
    let stream = connect_tcp(host, port).await?;
    // Requests are small, and wait for answers.
    stream
        .set_nodelay(true)
        .map_err(|error| error_from_io(&error))?;
    let Some(tls) = tls else {
        return handshake(stream).await;
    };
    let name = ServerName::try_from(host.to_string()).map_err(|_| Error::HttpRequestUriInvalid)?;
    let stream = TlsConnector::from(tls.config()?)
        .connect(name, stream)
        .await
        .map_err(|error| match error_from_io(&error) {
            Error::ConnectionTerminated => Error::TlsProtocolError,
            other => other,
        })?;
    handshake(stream).await
}

/// Tries the addresses of the host one after the other. If all fail, returns the last error.
async fn connect_tcp(host: &str, port: u16) -> Result<TcpStream, Error> {
    let addresses = lookup_host((host, port))
        .await
        .map_err(|error| dns_error(&error))?;
    let mut last = Error::DestinationNotFound;
    for address in addresses {
        match TcpStream::connect(address).await {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error_from_io(&error),
        }
    }
    Err(last)
}

fn dns_error(error: &io::Error) -> Error {
    match error.kind() {
        io::ErrorKind::TimedOut => Error::DnsTimeout,
        _ => Error::DnsError {
            rcode: Some("address not available".into()),
            info_code: None,
        },
    }
}

async fn handshake<S>(stream: S) -> Result<Connected, Error>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|error| error_from_hyper(&error))?;
    let (breaks, broken) = oneshot::channel();
    tokio::spawn(async move {
        // Requests get their errors from `sender`; after the last one there is nobody to tell.
        if let Err(error) = connection.await {
            tracing::debug!("an HTTP connection failed: {error}");
            let _ = breaks.send(error_from_hyper(&error));
        }
    });
    Ok(Connected { sender, broken })
}
