//! WASI behind a module of one's own, with aliases, globs and re-exports, as larger code bases have it.

pub mod output;
pub mod platform;

mod words {
    use super::platform::prelude::*;

    /// The words of a stream, one by one.
    pub struct Words {
        input: In,
        rest: Vec<u8>,
    }

    impl Words {
        pub fn new(input: In) -> Self {
            Self { input, rest: Vec::new() }
        }

        pub fn next_word(&mut self) -> Fallible<Option<String>> {
            loop {
                if let Some(at) = self.rest.iter().position(u8::is_ascii_whitespace) {
                    let word: Vec<u8> = self.rest.drain(..=at).collect();
                    let word = String::from_utf8_lossy(&word[..at]).into_owned();
                    if !word.is_empty() {
                        return Ok(Some(word));
                    }
                    continue;
                }
                match In::blocking_read(&self.input, 64) {
                    Ok(more) => self.rest.extend(more),
                    Err(E::Closed) if self.rest.is_empty() => return Ok(None),
                    Err(E::Closed) => {
                        let word = String::from_utf8_lossy(&self.rest).into_owned();
                        self.rest.clear();
                        return Ok(Some(word));
                    }
                    Err(other) => return Err(other),
                }
            }
        }
    }
}

use output::{Console, Writes as _};
use platform::{Guest, prelude::Fallible, sys, sys::cli};
use words::Words;

struct App;

platform::sys::cli::command::export!(App);

impl Guest for App {
    fn run() -> Result<(), ()> {
        let begin = sys::clocks::monotonic_clock::now();
        let outcome = app();
        let took = platform::elapsed(begin);
        eprintln!("{} ms", took / 1_000_000);
        outcome.map_err(|error| eprintln!("{error}"))
    }
}

fn app() -> Fallible<()> {
    let mut words = Words::new(cli::stdin::get_stdin());
    let console = Console::standard();
    let mut longest = String::new();
    while let Some(word) = words.next_word()? {
        console.line(&word)?;
        if word.len() > longest.len() {
            longest = word;
        }
        platform::pause(1);
    }
    console.line(&longest)
}
