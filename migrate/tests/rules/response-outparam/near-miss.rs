use wasi::http::types::Method;

struct ResponseOutparam;

impl ResponseOutparam {
    fn set(self, _: Method) {}
}

fn handle(out: ResponseOutparam) {
    ResponseOutparam::set(out, Method::Get);
}
