//! A router on the crate `wasi` 0.14: a few paths, a helper that answers, JSON put together by hand.

use wasi::clocks::{monotonic_clock, wall_clock};
use wasi::http::types::{Fields, IncomingRequest, Method, OutgoingBody, OutgoingResponse, ResponseOutparam};

struct Router;

wasi::http::proxy::export!(Router);

impl wasi::exports::http::incoming_handler::Guest for Router {
    fn handle(request: IncomingRequest, response_out: ResponseOutparam) {
        let started = monotonic_clock::now();
        let path = request.path_with_query().unwrap_or_else(|| "/".to_string());
        let (path, query) = match path.split_once('?') {
            Some((path, query)) => (path.to_string(), Some(query.to_string())),
            None => (path, None),
        };

        match (request.method(), path.as_str()) {
            (Method::Get, "/") => respond(response_out, 200, "text/plain", b"welcome\n"),
            (Method::Get, "/time") => {
                let now = wall_clock::now();
                let text = format!("{{\"seconds\":{},\"nanoseconds\":{}}}\n", now.seconds, now.nanoseconds);
                respond(response_out, 200, "application/json", text.as_bytes())
            }
            (Method::Get, "/headers") => {
                let mut text = String::new();
                for (name, value) in request.headers().entries() {
                    text.push_str(&format!("{name}: {}\n", String::from_utf8_lossy(&value)));
                }
                respond(response_out, 200, "text/plain", text.as_bytes());
            }
            (Method::Get, "/wait") => {
                // A tenth of a second.
                monotonic_clock::subscribe_duration(100_000_000).block();
                let waited = monotonic_clock::now() - started;
                respond(response_out, 200, "text/plain", format!("{waited}\n").as_bytes());
            }
            (Method::Get, "/echo-query") => {
                let query = query.unwrap_or_default();
                respond(response_out, 200, "text/plain", query.as_bytes())
            }
            (_, "/" | "/time" | "/headers" | "/wait" | "/echo-query") => {
                respond(response_out, 405, "text/plain", b"method not allowed\n");
            }
            _ => respond(response_out, 404, "text/plain", b"not found\n"),
        }
    }
}

/// Sends a whole response.
fn respond(out: ResponseOutparam, status: u16, content_type: &str, content: &[u8]) {
    let headers = Fields::from_list(&[("content-type".to_string(), content_type.as_bytes().to_vec())]).unwrap();
    let response = OutgoingResponse::new(headers);
    response.set_status_code(status).unwrap();
    let body = response.body().unwrap();
    ResponseOutparam::set(out, Ok(response));

    // In pieces that fit.
    let stream = body.write().unwrap();
    for chunk in content.to_vec().chunks(4096) {
        stream.blocking_write_and_flush(chunk).unwrap();
    }
    drop(stream);
    OutgoingBody::finish(body, None).unwrap();
}
