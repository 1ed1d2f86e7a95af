use wasi::exports::http::incoming_handler::Guest;
use wasi::http::types::{ErrorCode, Fields, IncomingRequest, OutgoingResponse, ResponseOutparam};

struct App;

impl Guest for App {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        if request.scheme().is_none() {
            ResponseOutparam::set(out, Err(ErrorCode::HttpRequestUriInvalid));
            return;
        }
        let response = OutgoingResponse::new(Fields::new());
        if let Err(()) = response.set_status_code(99) {
            panic!("no such status");
        } else {
            ResponseOutparam::set(out, Ok(response));
        }
    }
}
