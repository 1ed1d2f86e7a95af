use wasi::http::types::{Fields, OutgoingBody, OutgoingResponse};

fn hello() -> OutgoingResponse {
    let response = OutgoingResponse::new(Fields::new());
    let body = response
        .body()
        .expect("a body");
    let out = body
        .write()
        .expect("a stream");
    out.blocking_write_and_flush(
        b"Hello!",
    )
    .expect("it is written");

    drop(out);
    OutgoingBody::finish(body, None)
        .expect("it is finished");
    response
}
