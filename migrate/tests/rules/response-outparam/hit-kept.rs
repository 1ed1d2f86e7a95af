use wasi::exports::http::incoming_handler::Guest;
use wasi::http::types::{IncomingRequest, ResponseOutparam};

struct App {
    out: Option<ResponseOutparam>,
}

impl Guest for App {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let app = App { out: Some(out) };
        app.run(request);
    }
}
