//! Bindings from `generate!`, in a module of their own.

mod bindings {
    wit_bindgen::generate!({
        world: "handler",
        generate_all,
    });
    use super::Handler;
    export!(Handler);
}

mod limits;

use bindings::{
    exports::wasi::http::incoming_handler::Guest,
    wasi::{
        clocks::monotonic_clock,
        http::types::{Fields, IncomingBody, IncomingRequest, Method, OutgoingBody, OutgoingResponse, ResponseOutparam},
        io::streams::StreamError,
    },
};
use limits::Limits;

struct Handler;

/// What is read of a body, and whether that was all.
struct Content {
    bytes: Vec<u8>,
    is_whole: bool,
}

impl Handler {
    fn read(body: &IncomingBody, limits: &Limits) -> Result<Content, StreamError> {
        let stream = body.stream().map_err(|()| StreamError::Closed)?;
        let mut bytes = Vec::new();
        while bytes.len() < limits.most {
            if limits.expired() {
                return Ok(Content { bytes, is_whole: false });
            }
            match stream.blocking_read(limits.piece) {
                Ok(more) => bytes.extend(more),
                Err(StreamError::Closed) => return Ok(Content { bytes, is_whole: true }),
                Err(error) => return Err(error),
            }
        }
        Ok(Content { bytes, is_whole: false })
    }

    fn digest(content: &Content) -> u32 {
        content.bytes.iter().fold(17, |sum, byte| sum.rotate_left(5) ^ u32::from(*byte))
    }

    fn respond(out: ResponseOutparam, status: u16, text: &str) {
        let headers = Fields::new();
        headers.append("content-type", b"text/plain").expect("it is a valid header");
        let response = OutgoingResponse::new(headers);
        response.set_status_code(status).expect("it is a status");
        let body = response.body().expect("it is taken once");
        ResponseOutparam::set(out, Ok(response));
        let stream = body.write().expect("it is taken once");
        for piece in text.as_bytes().chunks(4096) {
            if let Err(error) = stream.blocking_write_and_flush(piece) {
                eprintln!("{error:?}");
                break;
            }
        }
        drop(stream);
        OutgoingBody::finish(body, None).ok();
    }
}

impl Guest for Handler {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let begin = monotonic_clock::now();
        let limits = Limits::of(&request);
        if !matches!(request.method(), Method::Post | Method::Put) {
            limits::pause();
            return Self::respond(out, 405, "only POST and PUT\n");
        }
        let Ok(body) = request.consume() else {
            return Self::respond(out, 500, "the body is gone\n");
        };
        match Self::read(&body, &limits) {
            Ok(content) => {
                let took = monotonic_clock::now() - begin;
                let whole = if content.is_whole { "whole" } else { "cut" };
                let text = format!("{whole} {} {:08x} {}\n", content.bytes.len(), Self::digest(&content), took > 0);
                Self::respond(out, 200, &text);
            }
            Err(error) => Self::respond(out, 502, &format!("{error:?}\n")),
        }
    }
}
