use wasi::http::types::Method;

struct Request(Method);

impl Request {
    fn consume(self) -> Option<u8> {
        None
    }
}

fn f(request: Request) {
    let body = request.consume().unwrap();
}
