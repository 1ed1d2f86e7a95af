//! Writes as much as there is room for, with the bindings that cargo-component had made, and waits for a while first.

mod bindings {
    wit_bindgen::generate!({
        path: "wit",
        world: "wasi:http/proxy@0.2.0",
        generate_all,
        pub_export_macro: true,
    });
}

use bindings::exports::wasi::http::incoming_handler::Guest;
use bindings::wasi::clocks::monotonic_clock;
use bindings::wasi::http::types::{
    Fields, IncomingRequest, Method, OutgoingBody, OutgoingResponse, ResponseOutparam,
};

struct Component;

fn send(out: ResponseOutparam, code: u16, text: &str) {
    let hdrs = Fields::new();
    let resp = OutgoingResponse::new(hdrs);
    resp.set_status_code(code).unwrap();
    let body = resp.body().expect("body");
    ResponseOutparam::set(out, Ok(resp));
    let stream = body.write().expect("write");
    let pollable = stream.subscribe();
    let mut bytes = text.as_bytes();
    while !bytes.is_empty() {
        pollable.block();
        let n = stream.check_write().unwrap() as usize;
        let len = n.min(bytes.len());
        let (now, later) = bytes.split_at(len);
        stream.write(now).unwrap();
        bytes = later;
    }
    stream.flush().unwrap();
    pollable.block();
    drop(pollable);
    drop(stream);
    OutgoingBody::finish(body, None).unwrap();
}

impl Guest for Component {
    fn handle(req: IncomingRequest, out: ResponseOutparam) {
        monotonic_clock::subscribe_duration(10_000_000).block();
        match (req.method(), req.path_with_query().as_deref()) {
            (Method::Get, Some("/")) => send(out, 200, "hello"),
            (method, path) => send(out, 404, &format!("{method:?} {path:?}")),
        }
    }
}

bindings::export!(Component with_types_in bindings);
