use wasi::http::outgoing_handler;
use wasi::http::types::{ErrorCode, Fields, IncomingResponse, OutgoingRequest, RequestOptions};

async fn limited() -> Result<IncomingResponse, ErrorCode> {
    let options = RequestOptions::new();
    options.set_connect_timeout(Some(1_000_000_000)).unwrap();
    let request = OutgoingRequest::new(Fields::new());
    let future = outgoing_handler::handle(request, Some(options))?;
    future.subscribe().block();
    future.get().unwrap().unwrap()
}
