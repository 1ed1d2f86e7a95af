//! Pollables and streams.

use super::report::Report;
use crate::p2::cli::{stdin::get_stdin, stdout::get_stdout};
use crate::p2::clocks::monotonic_clock::subscribe_duration;
use crate::p2::io::poll::{self, Pollable};
use crate::p2::io::streams::{InputStream, OutputStream, StreamError};

const MILLISECOND: u64 = 1_000_000;

waiting! {
    pub fn poll(report: &mut Report) {
        let long = subscribe_duration(60_000 * MILLISECOND);
        let short = subscribe_duration(10 * MILLISECOND);
        let shorter = subscribe_duration(MILLISECOND);
        report.line("the short one", wait!(poll::poll(&[&long, &short])));
        report.line("both", wait!(poll::poll(&[&short, &long, &shorter])));
        report.line("twice the same", wait!(poll::poll(&[&short, &short])));
        report.line("ready", [long.ready(), short.ready(), shorter.ready()]);
        let timers: Vec<Pollable> = (1..20).map(|n| subscribe_duration(n * MILLISECOND)).collect();
        let mut waiting: Vec<&Pollable> = timers.iter().collect();
        while !waiting.is_empty() {
            let mut ready = wait!(poll::poll(&waiting));
            while let Some(at) = ready.pop() {
                waiting.remove(at as usize);
            }
        }
        report.line("all of them", timers.iter().all(|timer| timer.ready()));
    }

    pub fn no_pollables() {
        wait!(poll::poll(&[]));
    }
}

/// A stream in a struct, as there are in real programs.
struct Lines {
    stream: InputStream,
    buffer: Vec<u8>,
}

impl Lines {
    waiting! {
        fn next(&mut self) -> Result<Option<String>, StreamError> {
            loop {
                if let Some(end) = self.buffer.iter().position(|byte| *byte == b'\n') {
                    let line: Vec<u8> = self.buffer.drain(..=end).collect();
                    return Ok(Some(String::from_utf8_lossy(&line[..end]).into_owned()));
                }
                match wait!(self.stream.blocking_read(7)) {
                    Ok(bytes) => self.buffer.extend(bytes),
                    Err(StreamError::Closed) => return Ok(None),
                    Err(error) => return Err(error),
                }
            }
        }
    }
}

waiting! {
    pub fn input(report: &mut Report) {
        let stdin = get_stdin();
        let ready = stdin.subscribe();
        wait!(ready.block());
        report.line("ready", ready.ready());
        report.line("nothing asked for", stdin.read(0).map(|bytes| bytes.len()));
        report.line("a byte", stdin.read(1));
        report.line("and more", wait!(stdin.blocking_read(4)));
        drop(ready);
        drop(stdin);
        // What the first handle has not read is there for the next one.
        let mut lines = Lines { stream: get_stdin(), buffer: Vec::new() };
        report.line("a line", wait!(lines.next()).map_err(drop));
        report.line("a line", wait!(lines.next()).map_err(drop));
        let Lines { stream, buffer } = lines;
        let mut skipped = buffer.len() as u64;
        while skipped < 20_000 {
            skipped += wait!(stream.blocking_skip(20_000 - skipped)).expect("there is more");
        }
        let mut rest = 0;
        let closed = loop {
            wait!(stream.subscribe().block());
            match stream.read(50_000) {
                Ok(bytes) => rest += bytes.len(),
                Err(error) => break error,
            }
        };
        report.line("the rest", rest);
        report.line("and then", closed);
        report.line("again", stream.read(1));
        report.line("to skip", stream.skip(1));
        report.line("at once", wait!(stream.blocking_read(1)));
    }

    pub fn output(report: &mut Report) {
        let stdout = get_stdout();
        wait!(stdout.subscribe().block());
        let permit = stdout.check_write().expect("it is open");
        report.line("permitted", permit >= 4096);
        report.line("nothing", stdout.write(b""));
        report.line("something", stdout.write(b"one, "));
        report.line("flushed", stdout.flush());
        report.line("all of it", wait!(stdout.blocking_flush()));
        report.line("written", wait!(stdout.blocking_write_and_flush(b"two, ")));
        report.line("zeroes", wait!(stdout.blocking_write_zeroes_and_flush(3)));
        wait!(stdout.subscribe().block());
        report.line("more zeroes", stdout.write_zeroes(2));
        report.line("all of them", wait!(stdout.blocking_flush()));
        let mut written = 0_u64;
        while written < 100_000 {
            wait!(stdout.subscribe().block());
            let permit = stdout.check_write().expect("it is open").min(3000).min(100_000 - written);
            stdout.write(&vec![b'.'; permit as usize]).expect("it is open");
            written += permit;
        }
        report.line("a lot", wait!(stdout.blocking_flush()));
        // The order of two handles is kept.
        let other = get_stdout();
        report.line("from here", wait!(stdout.blocking_write_and_flush(b" three")));
        report.line("and there", wait!(other.blocking_write_and_flush(b" four\n")));
    }

    pub fn splice() -> Result<(), ()> {
        let (stdin, stdout) = (get_stdin(), get_stdout());
        wait!(stdin.subscribe().block());
        wait!(stdout.subscribe().block());
        stdout.splice(&stdin, 5).map_err(drop)?;
        loop {
            match wait!(stdout.blocking_splice(&stdin, 10_000)) {
                Ok(_) => {}
                Err(StreamError::Closed) => break,
                Err(StreamError::LastOperationFailed(error)) => panic!("{}", error.to_debug_string()),
            }
        }
        wait!(stdout.blocking_flush()).map_err(drop)
    }

    pub fn too_much() {
        let stdout = get_stdout();
        let permit = stdout.check_write().expect("it is open");
        stdout.write(&vec![b'x'; permit as usize + 1]).expect("it is open");
        wait!(stdout.blocking_flush()).expect("it is open");
    }

    pub fn too_long() {
        wait!(get_stdout().blocking_write_and_flush(&[b'x'; 4097])).expect("it is open");
    }

    /// The traits of the standard library, which cannot wait.
    pub fn std_traits(report: &mut Report) {
        use std::io::{BufRead, BufReader, Write};
        let mut stdin = BufReader::new(get_stdin());
        let mut line = String::new();
        report.line("read", stdin.read_line(&mut line).map_err(drop));
        report.line("a line", line);
        report.line("and all others", stdin.lines().count());
        let mut stdout = get_stdout();
        // More than is permitted at once.
        for _ in 0..3000 {
            writeln!(stdout, "a line of some fifty characters, three thousand times").expect("it is open");
        }
        report.line("flushed", stdout.flush().map_err(drop));
        wait!(OutputStream::blocking_flush(&stdout)).expect("it is open");
    }
}
