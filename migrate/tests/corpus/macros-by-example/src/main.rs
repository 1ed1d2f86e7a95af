//! Macros of one's own around blocking calls, and blocking calls in the arguments of macros.

use wasip2::cli::stdin::get_stdin;
use wasip2::cli::stdout::get_stdout;
use wasip2::io::streams::{InputStream, OutputStream, StreamError};

/// Writes a formatted line, and returns on an error.
macro_rules! say {
    ($to:expr, $($arg:tt)*) => {
        $to.blocking_write_and_flush(format!("{}\n", format_args!($($arg)*)).as_bytes())?
    };
}

/// A call that is tried again once.
macro_rules! again {
    ($call:expr) => {
        match $call {
            Ok(value) => value,
            Err(_) => $call?,
        }
    };
}

macro_rules! sleep {
    ($milliseconds:literal) => {
        wasip2::clocks::monotonic_clock::subscribe_duration($milliseconds * 1_000_000).block()
    };
}

macro_rules! kinds {
    ($($name:ident => $text:literal),* $(,)?) => {
        #[derive(Debug, Clone, Copy, PartialEq)]
        enum Kind { $($name),* }

        impl Kind {
            fn text(self) -> &'static str {
                match self { $(Kind::$name => $text),* }
            }
        }
    };
}

kinds! {
    Number => "a number",
    Word => "a word",
    Other => "something else",
}

fn read_some(from: &InputStream) -> Result<Vec<u8>, StreamError> {
    from.blocking_read(256)
}

fn kind(text: &str) -> Kind {
    match text.chars().next() {
        Some(c) if c.is_ascii_digit() => Kind::Number,
        Some(c) if c.is_alphabetic() => Kind::Word,
        _ => Kind::Other,
    }
}

fn classify(from: &InputStream, to: &OutputStream) -> Result<usize, StreamError> {
    let first = again!(read_some(from));
    let parts = vec![first, read_some(from).unwrap_or_default()];
    let text = String::from_utf8_lossy(&parts.concat()).into_owned();
    let mut count = 0;
    for word in text.split_whitespace() {
        say!(to, "{word} is {}", kind(word).text());
        count += 1;
    }
    if matches!(from.blocking_read(1), Err(StreamError::Closed)) {
        say!(to, "that was all");
    }
    Ok(count)
}

fn pause() {
    sleep!(2);
}

fn main() {
    let (input, output) = (get_stdin(), get_stdout());
    pause();
    assert!(output.blocking_flush().is_ok(), "the output is open: {:?}", output.check_write());
    match classify(&input, &output) {
        Ok(count) => println!("{count} words, {:?} left", input.blocking_skip(10).ok()),
        Err(StreamError::Closed) => println!("nothing"),
        Err(error) => eprintln!("{}", error),
    }
    debug_assert_eq!(Kind::Number, kind("1"));
    let numbers = [kind("2"), kind("x")];
    println!("{}", numbers.iter().filter(|kind| **kind == Kind::Word).count());
}
