//! What `front` does, written by hand for WASI 0.2.

use bench::calls::sync_calls;
use wasip2::http::types::{
    Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam,
};

wit_bindgen::generate!({ world: "front-sync", path: "../wit" });

struct Front;

wasip2::http::proxy::export!(Front);

impl wasip2::exports::http::incoming_handler::Guest for Front {
    fn handle(_request: IncomingRequest, out: ResponseOutparam) {
        let line = format!("{}\n", sync_calls::ready(41));
        let response = OutgoingResponse::new(Fields::new());
        let body = response.body().expect("it has not been taken");
        ResponseOutparam::set(out, Ok(response));
        let stream = body.write().expect("it has not been taken");
        stream
            .blocking_write_and_flush(line.as_bytes())
            .expect("the client is there");
        drop(stream);
        OutgoingBody::finish(body, None).expect("all of it is written");
    }
}
