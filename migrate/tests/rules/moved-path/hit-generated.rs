wit_bindgen::generate!({ world: "app", path: "wit" });

use exports::wasi::http::incoming_handler::Guest;
use wasi::clocks::wall_clock;
use wasi::http::types::{IncomingRequest, OutgoingResponse};

fn f(request: IncomingRequest, response: OutgoingResponse) -> wall_clock::Datetime {
    wall_clock::now()
}
