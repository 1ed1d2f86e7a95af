use wasi::http::types::Method;

struct OutgoingRequest(Method);

impl OutgoingRequest {
    fn new(method: Method) -> Self {
        Self(method)
    }
}

fn handle(request: OutgoingRequest, options: Option<u8>) -> Option<u8> {
    options
}

fn f() {
    let request = OutgoingRequest::new(Method::Get);
    let answer = handle(request, None);
}
