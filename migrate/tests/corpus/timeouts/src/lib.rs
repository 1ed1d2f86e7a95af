//! Timeouts that are made of `poll` on a timer and something else.

use wasip2::cli::{command, stdin, stdout, terminal_stdin};
use wasip2::clocks::{monotonic_clock, wall_clock};
use wasip2::exports::cli::run;
use wasip2::io::poll;
use wasip2::io::streams::{InputStream, OutputStream, StreamError};

const SECOND: monotonic_clock::Duration = 1_000_000_000;

#[derive(Debug, PartialEq, Eq)]
enum Waited {
    Ready,
    TimedOut,
}

/// A deadline that several waits share.
#[derive(Clone, Copy)]
struct Deadline(monotonic_clock::Instant);

impl Deadline {
    fn within(duration: monotonic_clock::Duration) -> Self {
        Deadline(monotonic_clock::now() + duration)
    }

    fn wait_for(self, pollable: &poll::Pollable) -> Waited {
        let timer = monotonic_clock::subscribe_instant(self.0);
        match poll::poll(&[pollable, &timer]).as_slice() {
            [0, ..] => Waited::Ready,
            _ => Waited::TimedOut,
        }
    }

    fn wait_for_any<'a>(self, pollables: impl IntoIterator<Item = &'a poll::Pollable>) -> Option<usize> {
        let timer = monotonic_clock::subscribe_instant(self.0);
        let mut all: Vec<&poll::Pollable> = pollables.into_iter().collect();
        all.push(&timer);
        let last = all.len() - 1;
        poll::poll(&all).into_iter().map(|index| index as usize).find(|index| *index != last)
    }
}

enum ReadError {
    TimedOut { so_far: Vec<u8> },
    Stream(StreamError),
}

impl From<StreamError> for ReadError {
    fn from(error: StreamError) -> ReadError {
        ReadError::Stream(error)
    }
}

fn read_line(input: &InputStream, deadline: Deadline) -> Result<Vec<u8>, ReadError> {
    let mut line = Vec::new();
    let readable = input.subscribe();
    loop {
        if deadline.wait_for(&readable) == Waited::TimedOut {
            return Err(ReadError::TimedOut { so_far: line });
        }
        match input.read(1) {
            Ok(bytes) if bytes.first() == Some(&b'\n') => return Ok(line),
            Ok(bytes) => line.extend(bytes),
            Err(StreamError::Closed) if !line.is_empty() => return Ok(line),
            Err(error) => Err(error)?,
        }
    }
}

fn write(output: &OutputStream, text: &str, deadline: Deadline) -> Result<bool, StreamError> {
    let writable = output.subscribe();
    let mut rest = text.as_bytes();
    while !rest.is_empty() {
        if let Waited::TimedOut = deadline.wait_for(&writable) {
            return Ok(false);
        }
        let room = output.check_write()?.min(rest.len() as u64) as usize;
        output.write(&rest[..room])?;
        rest = &rest[room..];
    }
    output.flush()?;
    Ok(deadline.wait_for_any([&writable]).is_some())
}

fn stamp() -> String {
    let wall_clock::Datetime { seconds, nanoseconds } = wall_clock::now();
    format!("{}", seconds > 0 || nanoseconds > 0)
}

struct Program;

command::export!(Program);

impl run::Guest for Program {
    fn run() -> Result<(), ()> {
        let (input, output) = (stdin::get_stdin(), stdout::get_stdout());
        let deadline = Deadline::within(5 * SECOND);
        if terminal_stdin::get_terminal_stdin().is_some() {
            write(&output, "type a line\n", deadline).map_err(|_| ())?;
        }
        loop {
            let text = match read_line(&input, deadline) {
                Ok(line) => format!("{} bytes {}\n", line.len(), stamp()),
                Err(ReadError::TimedOut { so_far }) => format!("too slow after {} bytes\n", so_far.len()),
                Err(ReadError::Stream(StreamError::Closed)) => break,
                Err(ReadError::Stream(StreamError::LastOperationFailed(error))) => {
                    eprintln!("{}", error.to_debug_string());
                    return Err(());
                }
            };
            if !write(&output, &text, Deadline::within(SECOND)).unwrap_or(false) {
                break;
            }
        }
        monotonic_clock::subscribe_duration(SECOND / 1000).block();
        Ok(())
    }
}
