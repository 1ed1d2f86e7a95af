use wasi::http::types::{Fields, OutgoingBody, OutgoingResponse};

fn hello() -> OutgoingResponse {
    // The response.
    let response = OutgoingResponse::new(Fields::new()); // no headers
    // The body.
    let body = response.body().unwrap(); // of it
    // The stream.
    let stream = body.write().unwrap(); // of that
    /* one */ stream.blocking_write_and_flush(b"// one").unwrap(); // written
    let text = "two
    lines";
    stream.blocking_write_and_flush(text.as_bytes()).unwrap();
    // The end.
    drop(stream); // of the stream
    OutgoingBody::finish(body, None).unwrap(); // and the body
    response // that's it
}
