//! Bindings generated in the crate's root, for the world of WASI's own package.

wit_bindgen::generate!({
    path: "wit",
    world: "wasi:http/proxy@0.2.0",
    generate_all,
});

use exports::wasi::http::incoming_handler::Guest;
use wasi::http::types::{ErrorCode, Fields, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam};

struct App;

impl Guest for App {
    fn handle(req: IncomingRequest, resp_out: ResponseOutparam) {
        let resp = match handle_inner(&req) {
            Ok(r) => r,
            Err(e) => {
                ResponseOutparam::set(resp_out, Err(e));
                return;
            }
        };
        ResponseOutparam::set(resp_out, Ok(resp));
    }
}

fn handle_inner(req: &IncomingRequest) -> Result<OutgoingResponse, ErrorCode> {
    let path = req.path_with_query().unwrap_or_default();
    let headers = Fields::new();
    headers
        .set(&"content-type".to_string(), &[b"text/plain".to_vec()])
        .map_err(|_| ErrorCode::InternalError(None))?;
    let r = OutgoingResponse::new(headers);
    r.set_status_code(200).map_err(|()| ErrorCode::InternalError(None))?;
    let body = r.body().map_err(|()| ErrorCode::InternalError(None))?;
    let stream = body.write().map_err(|()| ErrorCode::InternalError(None))?;
    stream
        .blocking_write_and_flush(format!("you asked for {path}\n").as_bytes())
        .map_err(|_| ErrorCode::InternalError(None))?;
    drop(stream);
    OutgoingBody::finish(body, None)?;
    Ok(r)
}

export!(App);
