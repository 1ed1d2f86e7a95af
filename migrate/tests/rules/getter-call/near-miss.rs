use http::Request;
use wasi::http::types::Method;

fn f(request: &Request<()>) -> bool {
    request.method() == "GET" && request.headers().is_empty()
}

struct Entry;

impl Entry {
    fn entries(&self) -> Vec<Method> {
        Vec::new()
    }
}

fn g(entry: Entry) -> usize {
    entry.entries().len()
}
