use wasi::exports::http::incoming_handler::Guest;
use wasi::http::types::{ErrorCode, Fields, IncomingRequest, OutgoingResponse, ResponseOutparam};

struct App;

impl Guest for App {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        if request.authority().is_none() {
            return fail(&request, out);
        }
        if request.scheme().is_none() {
            ResponseOutparam::set(out, Err(ErrorCode::HttpRequestUriInvalid));
            return;
        }
        answer(out);

    }
}

fn fail(request: &IncomingRequest, out: ResponseOutparam) {
    ResponseOutparam::set(out, Err(ErrorCode::HttpRequestDenied));
}

fn answer(out: ResponseOutparam) {
    let response = OutgoingResponse::new(Fields::new());
    ResponseOutparam::set(out, Ok(response));
}
