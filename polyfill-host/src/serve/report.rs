//! Logs why an instance ended.

use crate::escape;
use crate::options::advice;
use crate::stdio::InstanceLog;
use std::fmt::Write;
use wasmtime_wasi::I32Exit;

/// Logs a trap: the requests that failed, the reason, the guest's last output, and its stack.
pub(super) fn trap(requests: &[u64], error: &wasmtime::Error, log: &InstanceLog) {
    tracing::error!("{}", describe(requests, error, &log.last_words()));
}

/// Logs that we stopped an instance: the requests that failed, and the reason.
pub(super) fn stopped(requests: &[u64], reason: &str, log: &InstanceLog) {
    let mut text = format!(
        "{}: stopped the instance: {}",
        names(requests),
        escape::text(reason)
    );
    add_last_words(&mut text, &log.last_words());
    tracing::warn!("{text}");
}

fn describe(requests: &[u64], error: &wasmtime::Error, last_words: &[String]) -> String {
    let mut text = names(requests);
    match error.downcast_ref::<I32Exit>() {
        Some(I32Exit(status)) => {
            let _ = write!(text, ": the guest exited with status {status}");
        }
        None => {
            let cause = error.root_cause().to_string();
            let _ = write!(text, ": the guest trapped: {}", escape::text(&cause));
        }
    }
    if let Some(advice) = advice(error) {
        let _ = write!(text, "\n  help: {advice}");
    }
    add_last_words(&mut text, last_words);
    // The trace of wasm frames, if there is one, is the outermost context of the error.
    let outer = error.to_string();
    if error.chain().nth(1).is_some() {
        for line in escape::text(&outer).lines() {
            let _ = write!(text, "\n  {line}");
        }
    }
    text
}

fn names(requests: &[u64]) -> String {
    match requests {
        [] => "an instance without requests".to_owned(),
        [one] => format!("request {one}"),
        several => {
            let names: Vec<_> = several.iter().map(|number| number.to_string()).collect();
            format!("requests {}, which shared an instance", names.join(", "))
        }
    }
}

fn add_last_words(text: &mut String, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    text.push_str("\n  the last lines of its stderr:");
    for line in lines {
        let _ = write!(text, "\n    {line}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trap_is_told_with_the_panic_message_and_who_it_hit() {
        let error = wasmtime::format_err!("wasm `unreachable` instruction executed")
            .context("error while executing at wasm backtrace:\n    0: 0x5c - app!handle");
        let words = [
            "thread panicked at src/lib.rs:7:".to_owned(),
            "oh no".to_owned(),
        ];
        assert_eq!(
            describe(&[12, 14], &error, &words),
            "requests 12, 14, which shared an instance: the guest trapped: wasm `unreachable` \
             instruction executed\n  the last lines of its stderr:\n    thread panicked at \
             src/lib.rs:7:\n    oh no\n  error while executing at wasm backtrace:\n      0: 0x5c \
             - app!handle"
        );
        let exit = wasmtime::Error::from(I32Exit(3));
        assert_eq!(
            describe(&[1], &exit, &[]),
            "request 1: the guest exited with status 3"
        );
    }
}
