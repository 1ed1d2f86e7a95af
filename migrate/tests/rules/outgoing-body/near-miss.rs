use wasi::http::types::Method;

struct OutgoingResponse;

impl OutgoingResponse {
    fn new(_: Method) -> Self {
        Self
    }

    fn body(&self) -> Option<u8> {
        None
    }
}

fn f() -> Option<u8> {
    let response = OutgoingResponse::new(Method::Get);
    response.body()
}
