//! A parser that calls itself while it reads, and functions that call each other.

use std::fmt::Debug;
use wasip2::cli::stdin::get_stdin;
use wasip2::cli::stdout::get_stdout;
use wasip2::io::streams::{InputStream, OutputStream, StreamError};

#[derive(Debug, Clone, PartialEq)]
enum Value {
    Number(f64),
    Text(String),
    List(Vec<Value>),
    Pair(Box<(Value, Value)>),
}

#[derive(Debug)]
enum Problem {
    Stream(StreamError),
    Unexpected(Option<u8>),
    TooDeep,
}

impl From<StreamError> for Problem {
    fn from(error: StreamError) -> Self {
        Problem::Stream(error)
    }
}

struct Parser<'a> {
    input: &'a InputStream,
    buffer: std::collections::VecDeque<u8>,
    is_over: bool,
}

impl<'a> Parser<'a> {
    fn peek(&mut self) -> Result<Option<u8>, Problem> {
        if self.buffer.is_empty() && !self.is_over {
            match self.input.blocking_read(16) {
                Ok(bytes) => self.buffer.extend(bytes),
                Err(StreamError::Closed) => self.is_over = true,
                Err(error) => return Err(error.into()),
            }
        }
        Ok(self.buffer.front().copied())
    }

    fn take(&mut self) -> Result<Option<u8>, Problem> {
        let byte = self.peek()?;
        self.buffer.pop_front();
        Ok(byte)
    }

    fn skip_space(&mut self) -> Result<(), Problem> {
        while self.peek()?.is_some_and(|byte| byte.is_ascii_whitespace()) {
            self.take()?;
        }
        Ok(())
    }

    fn value(&mut self, depth: usize) -> Result<Value, Problem> {
        if depth > 100 {
            return Err(Problem::TooDeep);
        }
        self.skip_space()?;
        match self.peek()? {
            Some(b'(') => self.list(depth + 1),
            Some(b'<') => {
                self.take()?;
                let first = self.value(depth + 1)?;
                let second = self.value(depth + 1)?;
                self.expect(b'>')?;
                Ok(Value::Pair(Box::new((first, second))))
            }
            Some(b) if b.is_ascii_digit() => self.word().map(|word| Value::Number(word.parse().unwrap_or(f64::NAN))),
            Some(b) if b.is_ascii_alphabetic() => Ok(Value::Text(self.word()?)),
            other => Err(Problem::Unexpected(other)),
        }
    }

    fn list(&mut self, depth: usize) -> Result<Value, Problem> {
        self.expect(b'(')?;
        let mut all = Vec::new();
        loop {
            self.skip_space()?;
            if self.peek()? == Some(b')') {
                self.take()?;
                return Ok(Value::List(all));
            }
            all.push(self.value(depth)?);
        }
    }

    fn expect(&mut self, wanted: u8) -> Result<(), Problem> {
        self.skip_space()?;
        match self.take()? {
            Some(byte) if byte == wanted => Ok(()),
            other => Err(Problem::Unexpected(other)),
        }
    }

    fn word(&mut self) -> Result<String, Problem> {
        let mut word = String::new();
        while let Some(byte) = self.peek()?.filter(u8::is_ascii_alphanumeric) {
            word.push(byte as char);
            self.take()?;
        }
        Ok(word)
    }
}

fn print(value: &Value, to: &OutputStream, depth: usize) -> Result<(), StreamError> {
    let line = |text: &str| to.blocking_write_and_flush(format!("{}{text}\n", "  ".repeat(depth)).as_bytes());
    match value {
        Value::Number(number) => line(&number.to_string()),
        Value::Text(text) => line(text),
        Value::List(values) => {
            line(&format!("{} values", values.len()))?;
            for value in values {
                print(value, to, depth + 1)?;
            }
            Ok(())
        }
        Value::Pair(pair) => {
            print(&pair.0, to, depth + 1)?;
            print(&pair.1, to, depth + 1)
        }
    }
}

/// Even and odd call each other, and wait between.
fn is_even(number: u32) -> bool {
    number == 0 || is_odd(number - 1)
}

fn is_odd(number: u32) -> bool {
    wasip2::clocks::monotonic_clock::subscribe_duration(10).block();
    number != 0 && is_even(number - 1)
}

fn told<T: Debug>(outcome: Result<T, Problem>) -> Result<T, String> {
    outcome.map_err(|problem| format!("{problem:?}"))
}

fn main() -> Result<(), String> {
    let input = get_stdin();
    let mut parser = Parser { input: &input, buffer: Default::default(), is_over: false };
    let value = told(parser.value(0))?;
    print(&value, &get_stdout(), 0).map_err(|error| error.to_string())?;
    println!("{}", is_even(4));
    Ok(())
}
