//! What to do about a trap at one of wasmtime's own limits.

use wasmtime::Error;
use wasmtime::component::ResourceTableError;

/// The limits of wasmtime, by their messages, and the options that raise them.
const BY_TEXT: [(&str, &str); 6] = [
    (
        "fuel allocated for hostcalls",
        "`-S hostcall-fuel=BYTES` lets one call pass more to the host",
    ),
    (
        "store handle limit exceeded",
        "`-S max-handles=N` allows more handles",
    ),
    (
        "when growing memory to",
        "`-W max-memory-size=BYTES` allows larger memories",
    ),
    (
        "when growing table to",
        "`-W max-table-elements=N` allows larger tables",
    ),
    (
        "call stack exhausted",
        "`-W max-wasm-stack=BYTES` gives a larger stack",
    ),
    (
        "exceeds limit",
        "`-S max-random-size=BYTES` allows more random bytes",
    ),
];

/// The option that raises the limit at which a guest has trapped, if it is one of wasmtime's.
pub fn advice(error: &Error) -> Option<&'static str> {
    if let Some(ResourceTableError::Full) = error.downcast_ref() {
        return Some(
            "`-S max-resources=N` allows more resources of the host; `-S max-host-memory=BYTES` allows native components more tasks, \
             streams and futures",
        );
    }
    let cause = error.root_cause().to_string();
    let known = BY_TEXT.iter().find(|(text, _)| cause.contains(text));
    known.map(|(_, advice)| *advice)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_are_told_with_their_options() {
        let full = Error::from(ResourceTableError::Full).context("failed to push fields to table");
        assert!(advice(&full).unwrap().contains("-S max-resources"));
        let handles = "cannot allocate another handle: store handle limit exceeded";
        let handles = wasmtime::format_err!("{handles}").context("error while executing");
        assert!(advice(&handles).unwrap().contains("-S max-handles"));
        assert_eq!(advice(&wasmtime::format_err!("something else")), None);
    }
}
