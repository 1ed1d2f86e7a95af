use wasip2::http::outgoing_handler;
use wasip2::http::types::{
    ErrorCode, Fields, FutureIncomingResponse, IncomingBody, IncomingResponse, OutgoingBody, OutgoingRequest,
    RequestOptions, Scheme,
};
use wasip2::io::streams::{InputStream, StreamError};

#[derive(Default)]
pub struct Client {
    timeout: Option<u64>,
}

pub struct Pending {
    response: FutureIncomingResponse,
}

pub struct Reply {
    pub status: u16,
    pub body: Vec<u8>,
}

/// A body, and the stream that must be dropped before it.
struct Body {
    stream: Option<InputStream>,
    body: Option<IncomingBody>,
}

impl Client {
    pub fn timeout(mut self, nanoseconds: u64) -> Self {
        self.timeout = Some(nanoseconds);
        self
    }

    fn options(&self) -> Option<RequestOptions> {
        let timeout = self.timeout?;
        let options = RequestOptions::new();
        options.set_connect_timeout(Some(timeout)).ok()?;
        options.set_first_byte_timeout(Some(timeout)).ok()?;
        Some(options)
    }

    pub fn begin(&self, url: &str) -> Result<Pending, ErrorCode> {
        let (scheme, rest) = match url.split_once("://") {
            Some(("https", rest)) => (Scheme::Https, rest),
            Some((_, rest)) => (Scheme::Http, rest),
            None => return Err(ErrorCode::HttpRequestUriInvalid),
        };
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let request = OutgoingRequest::new(Fields::new());
        let invalid = |()| ErrorCode::HttpRequestUriInvalid;
        request.set_scheme(Some(&scheme)).map_err(invalid)?;
        request.set_authority(Some(authority)).map_err(invalid)?;
        request.set_path_with_query(Some(path)).map_err(invalid)?;
        let body = request.body().map_err(|()| ErrorCode::InternalError(None))?;
        let response = outgoing_handler::handle(request, self.options())?;
        OutgoingBody::finish(body, None)?;
        Ok(Pending { response })
    }
}

impl Pending {
    pub fn finish(self) -> Result<Reply, ErrorCode> {
        let response = self.wait()?;
        let status = response.status();
        let mut body = Body::of(&response)?;
        let mut all = vec![];
        while let Some(mut bytes) = body.chunk()? {
            all.append(&mut bytes);
        }
        body.end()?;
        Ok(Reply { status, body: all })
    }

    fn wait(&self) -> Result<IncomingResponse, ErrorCode> {
        loop {
            if let Some(outcome) = self.response.get() {
                break outcome.map_err(|()| ErrorCode::InternalError(Some("taken twice".into())))?;
            }
            self.response.subscribe().block();
        }
    }
}

impl Body {
    fn of(response: &IncomingResponse) -> Result<Self, ErrorCode> {
        let body = response.consume().map_err(|()| ErrorCode::InternalError(None))?;
        let stream = body.stream().map_err(|()| ErrorCode::InternalError(None))?;
        Ok(Self { stream: Some(stream), body: Some(body) })
    }

    fn chunk(&mut self) -> Result<Option<Vec<u8>>, ErrorCode> {
        let Some(stream) = self.stream.as_mut() else { return Ok(None) };
        match stream.blocking_read(1 << 16) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(StreamError::Closed) => {
                self.stream.take();
                Ok(None)
            }
            Err(StreamError::LastOperationFailed(error)) => {
                Err(wasip2::http::types::http_error_code(&error).unwrap_or(ErrorCode::ConnectionTerminated))
            }
        }
    }

    fn end(mut self) -> Result<(), ErrorCode> {
        self.stream = None;
        let Some(body) = self.body.take() else { return Ok(()) };
        let trailers = IncomingBody::finish(body);
        let ready = trailers.subscribe();
        while !ready.ready() {
            ready.block();
        }
        match trailers.get() {
            Some(Ok(Ok(_))) | None => Ok(()),
            Some(Ok(Err(code))) => Err(code),
            Some(Err(())) => Ok(()),
        }
    }
}

impl Drop for Body {
    fn drop(&mut self) {
        self.stream = None;
    }
}
