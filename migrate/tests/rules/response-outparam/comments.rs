use wasi::exports::http::incoming_handler::Guest;
use wasi::http::types::{ErrorCode, IncomingRequest, ResponseOutparam};

struct App;

impl Guest for App {
    // Handles.
    fn handle(_request: IncomingRequest, out: ResponseOutparam) { // a request
        // Refuses.
        ResponseOutparam::set(out, Err(ErrorCode::HttpRequestDenied)); // it
        // Done.
    }
}
