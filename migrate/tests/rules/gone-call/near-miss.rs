use std::io::Write;
use wasi::http::types::Method;

fn send(out: &mut Vec<u8>, method: Method) {
    out.write(b"text").unwrap();
    out.flush().unwrap();
}
