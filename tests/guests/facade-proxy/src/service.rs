//! An HTTP service: the path says what it does.

use crate::p2;
use p2::clocks::monotonic_clock::subscribe_duration;
use p2::exports::http::incoming_handler::Guest;
use p2::http::outgoing_handler;
use p2::http::types::{
    ErrorCode, Fields, FutureIncomingResponse, HeaderError, IncomingBody, IncomingRequest,
    IncomingResponse, OutgoingBody, OutgoingRequest, OutgoingResponse, ResponseOutparam, Scheme,
    Trailers,
};
use p2::io::poll::poll;
use p2::io::streams::{InputStream, OutputStream, StreamError};

struct Service;

p2::http::proxy::export!(Service);

impl Guest for Service {
    waiting! {
        fn handle(request: IncomingRequest, response_out: ResponseOutparam) {
            let path = request.path_with_query().unwrap_or_default();
            match path.split('?').next().unwrap_or_default() {
                "/info" => wait!(info(request, response_out)),
                "/echo" => wait!(echo(request, response_out)),
                "/trailers" => wait!(trailers(request, response_out)),
                "/slow" => wait!(slow(response_out)),
                "/endless" => wait!(endless(response_out)),
                "/forward" => wait!(forward(request, response_out)),
                "/status" => bare(response_out, 404),
                "/refused" => ResponseOutparam::set(response_out, Err(ErrorCode::HttpRequestDenied)),
                "/nothing" => drop(response_out),
                "/unfinished" => wait!(unfinished(response_out)),
                "/too-short" => wait!(too_short(response_out)),
                "/no-stream" => no_stream(response_out),
                _ => bare(response_out, 501),
            }
        }
    }
}

/// A response of that status, without a body.
fn bare(response_out: ResponseOutparam, status: u16) {
    let response = OutgoingResponse::new(Fields::new());
    assert_eq!(response.status_code(), 200);
    assert!(response.set_status_code(1).is_err());
    response.set_status_code(status).expect("a status");
    assert_eq!(response.status_code(), status);
    ResponseOutparam::set(response_out, Ok(response));
}

/// Sends the head of a response, and answers its body.
fn begin(response_out: ResponseOutparam, headers: &[(&str, &str)]) -> OutgoingBody {
    let headers: Vec<_> = headers
        .iter()
        .map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec()))
        .collect();
    let response = OutgoingResponse::new(Fields::from_list(&headers).expect("fields"));
    assert_eq!(response.headers().entries().len(), headers.len());
    assert!(response.headers().append("a", b"b").is_err());
    let body = response.body().expect("it is taken once");
    assert!(response.body().is_err());
    ResponseOutparam::set(response_out, Ok(response));
    body
}

/// A body, and the stream of it, which is dropped before it.
struct Whole {
    stream: InputStream,
    body: IncomingBody,
}

impl Whole {
    fn of(body: IncomingBody) -> Self {
        let stream = body.stream().expect("it is taken once");
        assert!(body.stream().is_err());
        Whole { stream, body }
    }

    waiting! {
        fn read(self) -> (Vec<u8>, Result<Option<Trailers>, ErrorCode>) {
            let mut all = Vec::new();
            loop {
                match wait!(self.stream.blocking_read(1 << 20)) {
                    Ok(bytes) => all.extend(bytes),
                    Err(StreamError::Closed) => break,
                    Err(StreamError::LastOperationFailed(error)) => {
                        let code = p2::http::types::http_error_code(&error);
                        return (all, Err(code.unwrap_or(ErrorCode::ConfigurationError)));
                    }
                }
            }
            drop(self.stream);
            let trailers = IncomingBody::finish(self.body);
            wait!(trailers.subscribe().block());
            (all, trailers.get().expect("it is ready").expect("it is taken once"))
        }
    }
}

waiting! {
    fn write_all(stream: &OutputStream, text: &str) {
        for chunk in text.as_bytes().chunks(4096) {
            wait!(stream.blocking_write_and_flush(chunk)).expect("the client is there");
        }
    }

    fn info(request: IncomingRequest, response_out: ResponseOutparam) {
        let headers = request.headers();
        let refused = headers.set("x-own", &[]).is_err();
        let text = format!(
            "{:?} {:?} {:?} {:?} {:?} {refused}\n",
            request.method(),
            request.path_with_query(),
            request.scheme(),
            request.authority().is_some(),
            headers.get("x-own"),
        );
        let (contents, end) = wait!(Whole::of(request.consume().expect("it is taken once")).read());
        assert!(request.consume().is_err());
        let text = format!("{text}{} bytes, trailers: {:?} {:?}\n", contents.len(), end.map(|end| end.is_some()), request.method());
        let body = begin(response_out, &[("x-kind", "info")]);
        let stream = body.write().expect("it is taken once");
        assert!(body.write().is_err());
        wait!(write_all(&stream, &text));
        drop(stream);
        OutgoingBody::finish(body, None).expect("it is complete");
    }

    /// One loop for both directions, without a wait but `poll`.
    fn echo(request: IncomingRequest, response_out: ResponseOutparam) {
        let Whole { stream: input, body: incoming } = Whole::of(request.consume().expect("it is taken once"));
        let body = begin(response_out, &[]);
        let output = body.write().expect("it is taken once");
        let (mut queue, mut open) = (Vec::new(), true);
        {
            let (readable, writable) = (input.subscribe(), output.subscribe());
            while open || !queue.is_empty() {
                let mut waiting = Vec::new();
                if open && queue.len() < 100_000 {
                    waiting.push(&readable);
                }
                if !queue.is_empty() {
                    waiting.push(&writable);
                }
                wait!(poll(&waiting));
                if open && queue.len() < 100_000 && readable.ready() {
                    match input.read(30_000) {
                        Ok(bytes) => queue.extend(bytes),
                        Err(StreamError::Closed) => open = false,
                        Err(error) => panic!("{error}"),
                    }
                }
                if !queue.is_empty() && writable.ready() {
                    let permit = output.check_write().expect("the client is there");
                    let count = queue.len().min(permit as usize);
                    let now: Vec<u8> = queue.drain(..count).collect();
                    output.write(&now).expect("the client is there");
                }
            }
        }
        drop((input, output));
        drop(IncomingBody::finish(incoming));
        OutgoingBody::finish(body, None).expect("it is complete");
    }

    fn trailers(request: IncomingRequest, response_out: ResponseOutparam) {
        let (contents, end) = wait!(Whole::of(request.consume().expect("it is taken once")).read());
        let found = end.expect("a whole body").map(|fields| fields.get("x-after")).unwrap_or_default();
        let body = begin(response_out, &[("trailer", "x-after")]);
        let stream = body.write().expect("it is taken once");
        wait!(write_all(&stream, &format!("{} {found:?}\n", contents.len())));
        drop(stream);
        let trailers = Fields::from_list(&[("x-after".to_owned(), b"words".to_vec())]).expect("fields");
        OutgoingBody::finish(body, Some(trailers)).expect("it is complete");
    }

    fn slow(response_out: ResponseOutparam) {
        let body = begin(response_out, &[]);
        let stream = body.write().expect("it is taken once");
        for line in ["one\n", "two\n", "three\n"] {
            wait!(subscribe_duration(5_000_000).block());
            wait!(write_all(&stream, line));
        }
        drop(stream);
        OutgoingBody::finish(body, None).expect("it is complete");
    }

    /// Goes on until nobody reads it.
    fn endless(response_out: ResponseOutparam) {
        let body = begin(response_out, &[]);
        let stream = body.write().expect("it is taken once");
        while wait!(stream.blocking_write_and_flush(&[b'.'; 4096])).is_ok() {}
        assert!(matches!(stream.check_write(), Err(StreamError::Closed)));
        drop(stream);
        drop(body);
        eprintln!("nobody reads it");
    }

    fn unfinished(response_out: ResponseOutparam) {
        let body = begin(response_out, &[]);
        let stream = body.write().expect("it is taken once");
        wait!(write_all(&stream, "a part"));
        drop(stream);
        drop(body);
    }

    fn too_short(response_out: ResponseOutparam) {
        let body = begin(response_out, &[("content-length", "100")]);
        let stream = body.write().expect("it is taken once");
        wait!(write_all(&stream, "a part"));
        drop(stream);
        match OutgoingBody::finish(body, None) {
            Err(ErrorCode::HttpResponseBodySize(Some(6))) => {}
            other => panic!("it is not complete: {other:?}"),
        }
    }

    /// Head, body and trailers of the response are those of another server.
    fn forward(request: IncomingRequest, response_out: ResponseOutparam) {
        let headers = passed_on(&request.headers());
        headers.append("x-forwarded", b"yes").expect("it is allowed");
        let outgoing = OutgoingRequest::new(headers);
        outgoing.set_method(&request.method()).expect("a method");
        outgoing.set_scheme(Some(&Scheme::Http)).expect("a scheme");
        let upstream = p2::cli::environment::get_environment().into_iter().find(|(name, _)| name == "UPSTREAM");
        let (_, upstream) = upstream.expect("it is set");
        outgoing.set_authority(Some(&upstream)).expect("an authority");
        outgoing.set_path_with_query(request.path_with_query().as_deref()).expect("a path");
        let body = outgoing.body().expect("it is taken once");
        let future = outgoing_handler::handle(outgoing, None).expect("it is sent");
        wait!(pass(request.consume().expect("it is taken once"), body));
        let answer = match wait!(answer(&future)) {
            Ok(answer) => answer,
            Err(_) => return bare(response_out, 502),
        };
        let response = OutgoingResponse::new(passed_on(&answer.headers()));
        response.set_status_code(answer.status()).expect("a status");
        let body = response.body().expect("it is taken once");
        ResponseOutparam::set(response_out, Ok(response));
        wait!(pass(answer.consume().expect("it is taken once"), body));
    }

    fn answer(future: &FutureIncomingResponse) -> Result<IncomingResponse, ErrorCode> {
        wait!(future.subscribe().block());
        future.get().expect("it is ready").expect("it is taken once")
    }

    fn pass(from: IncomingBody, to: OutgoingBody) {
        let Whole { stream: input, body: incoming } = Whole::of(from);
        let output = to.write().expect("it is taken once");
        loop {
            match wait!(output.blocking_splice(&input, 8192)) {
                Ok(_) => {}
                Err(StreamError::Closed) => break,
                Err(error) => panic!("{error}"),
            }
        }
        wait!(output.blocking_flush()).expect("somebody reads it");
        drop((input, output));
        let trailers = IncomingBody::finish(incoming);
        wait!(trailers.subscribe().block());
        let trailers = trailers.get().expect("it is ready").expect("it is taken once");
        OutgoingBody::finish(to, trailers.expect("a whole body")).expect("it is complete");
    }
}

/// Those headers that a program may set.
fn passed_on(headers: &Fields) -> Fields {
    let passed = Fields::new();
    for (name, value) in headers.entries() {
        match passed.append(&name, &value) {
            Ok(()) | Err(HeaderError::Forbidden) => {}
            Err(error) => panic!("{name}: {error}"),
        }
    }
    passed
}

fn no_stream(response_out: ResponseOutparam) {
    let body = begin(response_out, &[]);
    OutgoingBody::finish(body, None).expect("it is complete");
}
