//! A router whose handlers answer through the out-parameter, which is passed on, kept, and set in one place or another.

use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::types::{
    ErrorCode, Fields, Headers, IncomingBody, IncomingRequest, Method, OutgoingBody, OutgoingResponse, ResponseOutparam,
};
use wasip2::io::streams::{OutputStream, StreamError};

struct Router;

wasip2::http::proxy::export!(Router);

/// One answer, which is sent exactly once.
struct Responder {
    out: Option<ResponseOutparam>,
    headers: Vec<(String, Vec<u8>)>,
}

impl Responder {
    fn new(out: ResponseOutparam) -> Self {
        Responder { out: Some(out), headers: vec![] }
    }

    fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.as_bytes().to_vec()));
        self
    }

    fn start(&mut self, status: u16) -> Option<OutgoingBody> {
        let headers = Headers::from_list(&self.headers).ok()?;
        let response = OutgoingResponse::new(headers);
        response.set_status_code(status).ok()?;
        let body = response.body().ok()?;
        ResponseOutparam::set(self.out.take()?, Ok(response));
        Some(body)
    }

    fn text(mut self, status: u16, text: &str) {
        if let Some(body) = self.start(status) {
            send(body, |stream| {
                for piece in text.as_bytes().chunks(4096) {
                    stream.blocking_write_and_flush(piece)?;
                }
                Ok(())
            });
        }
    }

    fn fail(mut self, code: ErrorCode) {
        if let Some(out) = self.out.take() {
            ResponseOutparam::set(out, Err(code));
        }
    }
}

fn send(body: OutgoingBody, write: impl FnOnce(&OutputStream) -> Result<(), StreamError>) {
    let stream = body.write().expect("the stream is taken once");
    if let Err(error) = write(&stream) {
        eprintln!("{error:?}");
    }
    drop(stream);
    let _ = OutgoingBody::finish(body, None);
}

fn body_of(request: IncomingRequest) -> Result<Vec<u8>, ErrorCode> {
    let body = request.consume().map_err(|()| ErrorCode::InternalError(None))?;
    let mut all = Vec::new();
    {
        let stream = body.stream().map_err(|()| ErrorCode::InternalError(None))?;
        loop {
            match stream.blocking_read(1 << 14) {
                Ok(bytes) => all.extend_from_slice(&bytes),
                Err(StreamError::Closed) => break,
                Err(StreamError::LastOperationFailed(error)) => {
                    return Err(ErrorCode::InternalError(Some(error.to_debug_string())));
                }
            }
        }
    }
    let trailers = IncomingBody::finish(body);
    trailers.subscribe().block();
    match trailers.get() {
        Some(Ok(Ok(_))) => Ok(all),
        Some(Ok(Err(code))) => Err(code),
        _ => Err(ErrorCode::HttpProtocolError),
    }
}

fn echo(request: IncomingRequest, responder: Responder) {
    match body_of(request) {
        Ok(bytes) => {
            let text = String::from_utf8_lossy(&bytes).into_owned();
            responder.header("x-length", &bytes.len().to_string()).text(200, &text)
        }
        Err(code) => responder.fail(code),
    }
}

fn hello(request: IncomingRequest, responder: Responder) {
    let names: Vec<String> = request.headers().entries().into_iter().map(|(name, _)| name).collect();
    responder.text(200, &format!("{}\n", names.join("\n")));
}

impl Guest for Router {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let responder = Responder::new(out).header("server", "router");
        let path = request.path_with_query().unwrap_or_default();
        match (request.method(), path.as_str()) {
            (Method::Post, "/echo") => echo(request, responder),
            (Method::Get, path) if path.starts_with("/hello") => hello(request, responder),
            (Method::Get, "/empty") => {
                let _ = Fields::new();
                responder.text(204, "")
            }
            (_, other) => responder.text(404, &format!("no {other}\n")),
        }
    }
}
