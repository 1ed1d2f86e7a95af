use std::io::Read;
use wasi::http::types::{IncomingBody, IncomingRequest, IncomingResponse};

async fn all(request: IncomingRequest) -> Vec<u8> {
    let headers = request.headers();
    let body = request.consume().unwrap();
    let mut stream = body.stream().unwrap();
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).unwrap();
    drop(stream);
    let _ = IncomingBody::finish(body);
    bytes
}

async fn lent(response: &IncomingResponse) {
    let body = response.consume().unwrap();
    let stream = body.stream().unwrap();
}

async fn later(request: IncomingRequest) {
    let body = request.consume().unwrap();
    let stream = body.stream().unwrap();
    println!("{:?}", request.method());
}

async fn passed_on(request: IncomingRequest) {
    let body = request.consume().unwrap();
    let stream = body.stream().unwrap();
    read(stream);
}
