use wasi::http::outgoing_handler::handle;
use wasi::http::types::{ErrorCode, Fields, IncomingResponse, OutgoingRequest, RequestOptions};

async fn polled() -> Result<IncomingResponse, ErrorCode> {
    let request = OutgoingRequest::new(Fields::new());
    let future = handle(request, None).unwrap();
    let pollable = future.subscribe();
    wasi::io::poll::poll(&[&pollable]);
    drop(pollable);
    future.get().expect("ready").expect("once")
}
