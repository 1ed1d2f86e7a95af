//! Counts lines of the standard input, with `wasi:cli`'s streams rather than std's.

use wasip2::cli::{stdin, stdout};
use wasip2::io::streams::StreamError;

struct Count;

wasip2::cli::command::export!(Count);

impl wasip2::exports::cli::run::Guest for Count {
    fn run() -> Result<(), ()> {
        let input = stdin::get_stdin();
        let output = stdout::get_stdout();
        let mut lines = 0;
        loop {
            match input.blocking_read(4096) {
                Ok(chunk) => lines += chunk.iter().filter(|byte| **byte == b'\n').count(),
                Err(StreamError::Closed) => break,
                Err(_) => return Err(()),
            }
        }
        output.blocking_write_and_flush(format!("{lines}\n").as_bytes()).map_err(|_| ())?;
        Ok(())
    }
}
