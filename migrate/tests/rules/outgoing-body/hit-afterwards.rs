use wasi::http::types::{Fields, OutgoingBody, OutgoingResponse};

fn twice(text: String, count: u32) -> (OutgoingResponse, String) {
    let response = OutgoingResponse::new(Fields::new());
    let body = response.body().unwrap();
    let stream = body.write().unwrap();
    stream.blocking_write_and_flush(text.as_bytes()).unwrap();
    drop(stream);
    OutgoingBody::finish(body, None).unwrap();
    (response, text)
}

fn counted(text: String, count: u32) -> (OutgoingResponse, u32) {
    let response = OutgoingResponse::new(Fields::new());
    let body = response.body().unwrap();
    let stream = body.write().unwrap();
    for _ in 0..count {
        if stream.blocking_write_and_flush(text.as_bytes()).is_err() {
            break;
        }
    }
    drop(stream);
    drop(text);
    OutgoingBody::finish(body, None).unwrap();
    (response, count)
}

fn matched() -> OutgoingResponse {
    let response = OutgoingResponse::new(Fields::new());
    let body = response.body().unwrap();
    let stream = body.write().unwrap();
    match stream.blocking_write_and_flush(b"text") {
        Ok(()) => {}
        Err(error) => println!("{error:?}"),
    }
    response
}
