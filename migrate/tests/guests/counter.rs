//! Counts visits, in a `static`, and makes session keys.

use std::cell::RefCell;
use wasi::http::types::{Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam};
use wasi::random::random::get_random_bytes;

thread_local! {
    static VISITORS: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

struct Counter;

wasi::http::proxy::export!(Counter);

impl wasi::exports::http::incoming_handler::Guest for Counter {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let who = request.authority().unwrap_or_default();
        let count = VISITORS.with_borrow_mut(|visitors| {
            visitors.push(who);
            visitors.len()
        });
        let key: String = get_random_bytes(16).iter().map(|byte| format!("{byte:02x}")).collect();
        let headers = Fields::new();
        headers.set("set-cookie", &[format!("key={key}").into_bytes()]).unwrap();
        let response = OutgoingResponse::new(headers);
        let body = response.body().unwrap();
        ResponseOutparam::set(out, Ok(response));
        let stream = body.write().expect("the stream is there");
        stream.blocking_write_and_flush(format!("visit {count}\n").as_bytes()).expect("it is written");
        drop(stream);
        OutgoingBody::finish(body, None).expect("it is finished");
    }
}
