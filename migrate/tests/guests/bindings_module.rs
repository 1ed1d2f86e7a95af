//! Bindings in a module of their own, as cargo-component had them, with a glob.

mod bindings {
    wit_bindgen::generate!({
        path: "wit",
        world: "wasi:http/proxy@0.2.0",
        generate_all,
        pub_export_macro: true,
        default_bindings_module: "bindings",
    });
}

use bindings::exports::wasi::http::incoming_handler::Guest;
use bindings::wasi::clocks::{monotonic_clock, wall_clock};
use bindings::wasi::http::outgoing_handler;
use bindings::wasi::http::types::*;

struct Component;

impl Guest for Component {
    fn handle(request: IncomingRequest, outparam: ResponseOutparam) {
        let hdrs = Fields::new();
        let resp = OutgoingResponse::new(hdrs);
        let body = resp.body().expect("outgoing response");
        let names = request.headers().get(&"name".to_string());
        let code = ask().unwrap_or(500);
        let time = wall_clock::now().seconds;

        ResponseOutparam::set(outparam, Ok(resp));

        let out = body.write().expect("outgoing stream");
        out.blocking_write_and_flush(format!("{code} at {time} for {}\n", names.len()).as_bytes())
            .expect("writing response");
        out.blocking_write_and_flush(b"Hello, wasi:http/proxy world!\n")
            .expect("writing response");

        drop(out);
        OutgoingBody::finish(body, None).unwrap();
    }
}

fn ask() -> Result<u16, ErrorCode> {
    monotonic_clock::subscribe_duration(1_000).block();
    let request = OutgoingRequest::new(Fields::new());
    let future = outgoing_handler::handle(request, None)?;
    future.subscribe().block();
    let response = future.get().unwrap().unwrap()?;
    let code = response.status();
    let body = response.consume().unwrap();
    let stream = body.stream().unwrap();
    while let Ok(bytes) = stream.blocking_read(10) {
        println!("{bytes:?}");
    }
    Ok(code)
}

bindings::export!(Component);
