//! An interface of one's own beside those of WASI, all from one `generate!` in the crate's root.

wit_bindgen::generate!({ world: "app", generate_all });

use crate::exports::corpus::counting::counters;
use crate::wasi::cli::stdin::get_stdin;
use crate::wasi::io::streams::{InputStream, StreamError};
use std::cell::RefCell;
use std::collections::BTreeMap;

thread_local! {
    static COUNTERS: RefCell<BTreeMap<String, u32>> = RefCell::default();
}

struct App;

export!(App);

impl counters::Guest for App {
    fn count(name: String) -> u32 {
        let count = COUNTERS.with_borrow_mut(|all| {
            let count = all.entry(name).or_insert(0);
            *count += 1;
            *count
        });
        if count > 100 {
            // Whoever counts so often is slowed down.
            pause(1_000);
        }
        count
    }

    fn names() -> Vec<String> {
        COUNTERS.with_borrow(|all| all.keys().cloned().collect())
    }
}

impl exports::wasi::cli::run::Guest for App {
    fn run() -> Result<(), ()> {
        let all = match everything(&get_stdin()) {
            Ok(all) => all,
            Err(error) => {
                report(&format!("failed to read: {error:?}"));
                return Err(());
            }
        };
        for word in all.split_whitespace() {
            <Self as counters::Guest>::count(word.to_owned());
        }
        let lines = COUNTERS.with_borrow(|all| {
            let lines = all.iter().map(|(name, count)| format!("{count:>4} {name}"));
            lines.collect::<Vec<_>>()
        });
        for line in &lines {
            report(line);
        }
        pause(1_000_000);
        Ok(())
    }
}

fn everything(input: &InputStream) -> Result<String, StreamError> {
    let mut all = Vec::new();
    loop {
        match input.blocking_read(4096) {
            Ok(bytes) => all.extend_from_slice(&bytes),
            Err(StreamError::Closed) => break,
            Err(error) => return Err(error),
        }
    }
    Ok(String::from_utf8_lossy(&all).into_owned())
}

fn report(line: &str) {
    let out = wasi::cli::stdout::get_stdout();
    let text = format!("{line}\n");
    let mut rest = text.as_bytes();
    while !rest.is_empty() {
        let (now, later) = rest.split_at(rest.len().min(4096));
        if out.blocking_write_and_flush(now).is_err() {
            return;
        }
        rest = later;
    }
}

fn pause(nanoseconds: u64) {
    self::wasi::clocks::monotonic_clock::subscribe_duration(nanoseconds).block();
}
