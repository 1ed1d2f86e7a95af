//! A server that guests send requests to, over HTTP or HTTPS.

use crate::Body;
use http::{Request, Response};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use tempfile::NamedTempFile;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivatePkcs8KeyDer;

/// A listening server; dropping it closes it and all its connections.
pub struct Upstream {
    pub address: SocketAddr,
    scheme: &'static str,
    authority: Option<NamedTempFile>,
    accepting: JoinHandle<()>,
}

impl Upstream {
    /// Answers each request with the result of `handler`.
    pub async fn start<H, F>(handler: H) -> Self
    where
        H: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Response<Body>> + Send + 'static,
    {
        let (listener, address) = listen().await;
        let accepting = tokio::spawn(accept(listener, move |stream| {
            serve(stream, handler.clone())
        }));
        Self {
            address,
            scheme: "http",
            authority: None,
            accepting,
        }
    }

    /// The same over TLS, with a certificate for `localhost` from a new authority.
    pub async fn start_tls<H, F>(handler: H) -> Self
    where
        H: Fn(Request<Incoming>) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Response<Body>> + Send + 'static,
    {
        let (listener, address) = listen().await;
        let (acceptor, authority) = tls();
        let accepting = tokio::spawn(accept(listener, move |stream| {
            let (acceptor, handler) = (acceptor.clone(), handler.clone());
            async move {
                // A client that refuses the certificate reports that itself.
                if let Ok(stream) = acceptor.accept(stream).await {
                    serve(stream, handler).await;
                }
            }
        }));
        Self {
            address,
            scheme: "https",
            authority: Some(authority),
            accepting,
        }
    }

    /// The URL of `path`.
    pub fn url(&self, path: &str) -> String {
        match self.scheme {
            "https" => format!("https://localhost:{}{path}", self.address.port()),
            scheme => format!("{scheme}://{}{path}", self.address),
        }
    }

    /// The file with the authority's certificate, if this is HTTPS: what `SSL_CERT_FILE` takes.
    pub fn authority(&self) -> &str {
        let file = self.authority.as_ref().expect("an upstream with TLS");
        file.path().to_str().expect("a path in UTF-8")
    }
}

impl Drop for Upstream {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("its address");
    (listener, address)
}

async fn accept<F>(listener: TcpListener, serve: impl Fn(TcpStream) -> F)
where
    F: Future<Output = ()> + Send + 'static,
{
    // Ends with this task, and ends every connection.
    let mut connections = JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        connections.spawn(serve(stream));
        while connections.try_join_next().is_some() {}
    }
}

async fn serve<S, H, F>(stream: S, handler: H)
where
    S: AsyncRead + AsyncWrite + Unpin,
    H: Fn(Request<Incoming>) -> F,
    F: Future<Output = Response<Body>>,
{
    let service = service_fn(|request| {
        let response = handler(request);
        async move { Ok::<_, Infallible>(response.await) }
    });
    // In some tests the connection breaks; they check that on the other side.
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

/// (1) An authority, (2) a certificate of it, (3) a server with that, (4) what a client must trust.
fn tls() -> (TlsAcceptor, NamedTempFile) {
    // (1)
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().expect("a key");
    let authority = CertifiedIssuer::self_signed(params, key).expect("an authority");
    // (2)
    let key = KeyPair::generate().expect("a key");
    let names = ["localhost".to_owned()];
    let certificate = CertificateParams::new(names)
        .and_then(|params| params.signed_by(&key, &authority))
        .expect("a certificate");
    // (3)
    let key = PrivatePkcs8KeyDer::from(key.serialize_der());
    let config = ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key.into())
        .expect("a configuration");
    // (4)
    let file = NamedTempFile::new().expect("a temporary file");
    std::fs::write(&file, authority.pem()).expect("it can be written");
    (TlsAcceptor::from(Arc::new(config)), file)
}
