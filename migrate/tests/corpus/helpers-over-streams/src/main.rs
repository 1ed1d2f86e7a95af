//! Counts and copies the lines of the standard input, with small functions that are lent the streams.

use wasip2::cli::{stderr, stdin, stdout};
use wasip2::io::streams::{self, InputStream, OutputStream};

type Outcome<T> = std::result::Result<T, streams::StreamError>;

/// Buffered lines over a stream that somebody else has.
struct Lines<'a> {
    from: &'a InputStream,
    buffer: Vec<u8>,
    ended: bool,
}

impl<'a> Lines<'a> {
    fn over(from: &'a InputStream) -> Self {
        Lines {
            from,
            buffer: Vec::new(),
            ended: false,
        }
    }

    fn next_line(&mut self) -> Outcome<Option<String>> {
        loop {
            if let Some(at) = self.buffer.iter().position(|byte| *byte == b'\n') {
                let rest = self.buffer.split_off(at + 1);
                let line = std::mem::replace(&mut self.buffer, rest);
                return Ok(Some(String::from_utf8_lossy(&line[..at]).into_owned()));
            }
            if self.ended {
                let line = std::mem::take(&mut self.buffer);
                return Ok((!line.is_empty()).then(|| String::from_utf8_lossy(&line).into_owned()));
            }
            match fill(self.from, &mut self.buffer) {
                Ok(_) => {}
                Err(streams::StreamError::Closed) => self.ended = true,
                Err(other) => return Err(other),
            }
        }
    }
}

fn fill(from: &InputStream, buffer: &mut Vec<u8>) -> Outcome<usize> {
    let bytes = from.blocking_read(512)?;
    buffer.extend_from_slice(&bytes);
    Ok(bytes.len())
}

/// Writes as much as there is room for, again and again.
fn write_all(to: &OutputStream, mut bytes: &[u8]) -> Outcome<()> {
    let pollable = to.subscribe();
    while !bytes.is_empty() {
        pollable.block();
        let room = to.check_write()? as usize;
        let (now, later) = bytes.split_at(room.min(bytes.len()));
        to.write(now)?;
        bytes = later;
    }
    to.flush()?;
    pollable.block();
    to.check_write()?;
    Ok(())
}

fn write_line(to: &OutputStream, line: &str) -> Outcome<()> {
    write_all(to, format!("{line}\n").as_bytes())
}

fn report(to: &OutputStream, name: &str, count: usize) -> Outcome<()> {
    let text = match count {
        0 => format!("no {name}"),
        1 => format!("one {name}"),
        n => format!("{n} {name}s"),
    };
    write_line(to, &text)
}

fn pad(to: &OutputStream, count: u64) -> Outcome<()> {
    if count > 0 {
        to.blocking_write_zeroes_and_flush(count)?;
    }
    Ok(())
}

fn run() -> Outcome<()> {
    let (input, output, problems) = (stdin::get_stdin(), stdout::get_stdout(), stderr::get_stderr());
    let mut lines = Lines::over(&input);
    let (mut count, mut words) = (0, 0);
    while let Some(line) = lines.next_line()? {
        if line.starts_with('#') {
            write_line(&problems, "left out a comment")?;
            continue;
        }
        count += 1;
        words += line.split_whitespace().count();
        write_line(&output, &line)?;
    }
    report(&output, "line", count).and_then(|()| Ok(count))?;
    report(&output, "word", words)?;
    pad(&output, u64::try_from(count % 2).unwrap_or(0))
}

fn main() {
    if let Err(error) = run() {
        eprintln!("{error:?}");
        std::process::exit(1);
    }
}
