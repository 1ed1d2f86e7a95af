use super::reactor::{Reactor, Ready, sleep};
use std::rc::Rc;
use wasip2::cli::stdin::get_stdin;
use wasip2::io::streams::{InputStream, StreamError};

/// How many lines the standard input has.
pub async fn count_lines(reactor: &Rc<Reactor>) -> Result<usize, String> {
    let input: InputStream = get_stdin();
    let mut lines = 0;
    loop {
        Ready::of(reactor, input.subscribe()).await;
        match input.read(4096) {
            Ok(bytes) => lines += bytes.iter().filter(|byte| **byte == b'\n').count(),
            Err(StreamError::Closed) => return Ok(lines),
            Err(StreamError::LastOperationFailed(error)) => return Err(error.to_debug_string()),
        }
    }
}

pub async fn tick(reactor: &Rc<Reactor>, times: u32) {
    for _ in 0..times {
        sleep(reactor, 1_000_000).await;
    }
}
