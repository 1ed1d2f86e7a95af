use std::io::Write;
use wasi::http::types::{Fields, OutgoingBody, OutgoingRequest, OutgoingResponse};

fn post(text: &str) -> OutgoingRequest {
    let request = OutgoingRequest::new(Fields::new());
    let body = request.body().expect("a body");
    {
        let mut stream = body.write().expect("a stream");
        for line in text.lines() {
            writeln!(stream, "{line}: {}", line.len()).unwrap();
        }
        stream.write_all(b"end").unwrap();
        stream.flush().unwrap();
    }
    OutgoingBody::finish(body, None).unwrap();
    request
}

fn empty() -> OutgoingResponse {
    let response = OutgoingResponse::new(Fields::new());
    response.set_status_code(204).unwrap();
    response
}

fn trailed(trailers: Fields) -> OutgoingResponse {
    let response = OutgoingResponse::new(Fields::new());
    let body = response.body().unwrap();
    let stream = body.write().unwrap();
    drop(stream);
    OutgoingBody::finish(body, Some(trailers)).unwrap();
    response
}

fn checked() -> OutgoingResponse {
    let response = OutgoingResponse::new(Fields::new());
    let body = response.body().unwrap();
    let stream = body.write().unwrap();
    let room = stream.check_write().unwrap();
    response
}
