use wasi::http::outgoing_handler;
use wasi::http::types::{ErrorCode, Fields, IncomingResponse, OutgoingRequest};

async fn get() -> Result<IncomingResponse, ErrorCode> {
    // Made.
    let request = OutgoingRequest::new(Fields::new()); // of headers
    // Sent.
    let future = outgoing_handler::handle(request, None)?; // and on its way
    // Waited for.
    future.subscribe().block(); // long
    /* got */ future.get().unwrap().unwrap() // and done
}
