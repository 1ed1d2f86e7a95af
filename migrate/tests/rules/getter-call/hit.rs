use wasi::http::types::{Headers, IncomingRequest, IncomingResponse, RequestOptions};

struct Pair {
    request: IncomingRequest,
}

fn f(pair: &Pair, response: Result<IncomingResponse, ()>, options: Option<&RequestOptions>) -> Headers {
    println!("{:?}", pair.request.method());
    if let Ok(response) = &response {
        assert_eq!(response.status(), 200);
    }
    let Some(options) = options else { todo!() };
    let _ = options.connect_timeout();
    let all = response.unwrap().headers().entries();
    pair.request.headers()
}
