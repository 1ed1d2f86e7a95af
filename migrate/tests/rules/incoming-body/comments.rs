use wasi::http::types::{IncomingBody, IncomingRequest};

async fn all(request: IncomingRequest) {
    // The body.
    let body = request.consume().unwrap(); // of the request
    // The stream.
    let stream = body.stream().unwrap(); // of the body
    while let /* a */ Ok( /* chunk */ chunk) = /* read */ stream.blocking_read( /* at most */ 10) /* bytes */ { // each
        println!("{chunk:?}"); // told
    }
    // The end.
    IncomingBody::finish(body); // of it
}
