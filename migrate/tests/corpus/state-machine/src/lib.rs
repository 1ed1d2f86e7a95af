//! A transfer as a state machine, whose states hold streams, bodies and futures.

use std::mem;
use wasip2::exports::http::incoming_handler::{Guest, IncomingRequest, ResponseOutparam};
use wasip2::http::outgoing_handler::handle as send;
use wasip2::http::types::{
    ErrorCode, Fields, FutureIncomingResponse, FutureTrailers, IncomingBody, IncomingResponse, OutgoingBody, OutgoingRequest,
    OutgoingResponse, Scheme,
};
use wasip2::io::streams::{InputStream, OutputStream, StreamError};

enum Transfer {
    Start { authority: String, path: String },
    Sent(FutureIncomingResponse),
    Answered(IncomingResponse),
    Streaming { input: InputStream, body: IncomingBody, output: Output },
    Trailing(FutureTrailers, Output, usize),
    Done(usize),
    Failed(ErrorCode),
    Moving,
}

struct Output {
    stream: OutputStream,
    body: OutgoingBody,
    written: usize,
}

impl Output {
    fn write(&mut self, bytes: &[u8]) -> Result<(), StreamError> {
        self.stream.blocking_write_and_flush(bytes)?;
        self.written += bytes.len();
        Ok(())
    }

    fn close(self, trailers: Option<Fields>) -> Result<usize, ErrorCode> {
        let Self { stream, body, written } = self;
        drop(stream);
        OutgoingBody::finish(body, trailers)?;
        Ok(written)
    }
}

impl Transfer {
    /// One step. What cannot go on yet waits in it.
    fn step(&mut self, out: &mut Option<ResponseOutparam>) {
        *self = match mem::replace(self, Transfer::Moving) {
            Transfer::Start { authority, path } => begin(&authority, &path).map_or_else(Transfer::Failed, Transfer::Sent),
            Transfer::Sent(future) => {
                future.subscribe().block();
                match future.get() {
                    Some(Ok(Ok(response))) => Transfer::Answered(response),
                    Some(Ok(Err(code))) => Transfer::Failed(code),
                    Some(Err(())) => Transfer::Failed(ErrorCode::InternalError(None)),
                    None => Transfer::Sent(future),
                }
            }
            Transfer::Answered(response) => answer(response, out).unwrap_or_else(Transfer::Failed),
            Transfer::Streaming { input, body, mut output } => match input.blocking_read(1 << 14) {
                Ok(bytes) => match output.write(&bytes) {
                    Ok(()) => Transfer::Streaming { input, body, output },
                    Err(_) => Transfer::Failed(ErrorCode::ConnectionTerminated),
                },
                Err(StreamError::Closed) => {
                    drop(input);
                    let written = output.written;
                    Transfer::Trailing(IncomingBody::finish(body), output, written)
                }
                Err(StreamError::LastOperationFailed(_)) => Transfer::Failed(ErrorCode::HttpResponseIncomplete),
            },
            Transfer::Trailing(trailers, output, _) => {
                trailers.subscribe().block();
                let fields = trailers.get().and_then(Result::ok).and_then(Result::ok).flatten();
                output.close(fields).map_or_else(Transfer::Failed, Transfer::Done)
            }
            over => over,
        };
    }

    fn is_over(&self) -> bool {
        matches!(self, Self::Done(_) | Self::Failed(_))
    }

    fn run(mut self, out: &mut Option<ResponseOutparam>) -> Result<usize, ErrorCode> {
        while !self.is_over() {
            self.step(out);
        }
        match self {
            Self::Done(count) => Ok(count),
            Self::Failed(code) => Err(code),
            _ => unreachable!("it is over"),
        }
    }
}

fn begin(authority: &str, path: &str) -> Result<FutureIncomingResponse, ErrorCode> {
    let request = OutgoingRequest::new(Fields::new());
    let set = request
        .set_scheme(Some(&Scheme::Http))
        .and_then(|()| request.set_authority(Some(authority)))
        .and_then(|()| request.set_path_with_query(Some(path)));
    set.map_err(|()| ErrorCode::HttpRequestUriInvalid)?;
    send(request, None)
}

fn answer(response: IncomingResponse, out: &mut Option<ResponseOutparam>) -> Result<Transfer, ErrorCode> {
    let gone = |()| ErrorCode::InternalError(Some("taken twice".to_owned()));
    let own = OutgoingResponse::new(response.headers().clone());
    own.set_status_code(response.status()).map_err(gone)?;
    let body = own.body().map_err(gone)?;
    if let Some(out) = out.take() {
        ResponseOutparam::set(out, Ok(own));
    }
    let incoming = response.consume().map_err(gone)?;
    Ok(Transfer::Streaming {
        input: incoming.stream().map_err(gone)?,
        body: incoming,
        output: Output { stream: body.write().map_err(gone)?, body, written: 0 },
    })
}

struct Machine;

impl Guest for Machine {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let mut out = Some(out);
        let start = Transfer::Start {
            authority: request.authority().unwrap_or_default(),
            path: request.path_with_query().unwrap_or_else(|| "/".to_string()),
        };
        let outcome = start.run(&mut out);
        if let (Err(code), Some(out)) = (outcome, out) {
            ResponseOutparam::set(out, Err(code));
        }
    }
}

wasip2::http::proxy::export!(Machine);
