use wasi::io::streams::{InputStream, OutputStream};

fn copy(from: &InputStream, to: &OutputStream) -> u64 {
    to.blocking_splice(from, 100).unwrap() + from.skip(7).unwrap()
}
