//! What `hello` does, written by hand for WASI 0.2.

use wasip2::http::types::{
    Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam,
};

struct Hello;

wasip2::http::proxy::export!(Hello);

impl wasip2::exports::http::incoming_handler::Guest for Hello {
    fn handle(_request: IncomingRequest, out: ResponseOutparam) {
        let response = OutgoingResponse::new(Fields::new());
        let body = response.body().expect("it has not been taken");
        ResponseOutparam::set(out, Ok(response));
        let stream = body.write().expect("it has not been taken");
        stream
            .blocking_write_and_flush(b"Hello, world!\n")
            .expect("the client is there");
        drop(stream);
        OutgoingBody::finish(body, None).expect("all of it is written");
    }
}
