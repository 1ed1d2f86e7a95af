//! The comparison: a program must come to the same wherever it runs: built for both ABIs, and lowered, on two hosts of WASI 0.2.
//! What cannot be the same is in one list, with reasons (`compare/exceptions.rs`).

mod exceptions;
mod message;
mod scripts;
mod services;
mod stock;

use exceptions::exceptions;
use isyswasfa_tests::{Backend, guest};
use std::path::PathBuf;

/// Where a program runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Way {
    /// The split ABI, on `polyfill-host`.
    Split,
    /// WASI 0.3, on `polyfill-host`.
    Native,
    /// Lowered, on `polyfill-host` as a host of WASI 0.2.
    Lowered,
    /// Lowered, on wasmtime's own WASI 0.2.
    Stock,
}

impl Way {
    /// All of them: first the one that the others are compared with.
    const ALL: [Self; 4] = [Self::Split, Self::Native, Self::Lowered, Self::Stock];

    /// The component of the guest `name`.
    fn guest(self, name: &str) -> PathBuf {
        guest(
            name,
            match self {
                Self::Split => Backend::Isyswasfa,
                Self::Native => Backend::Native,
                Self::Lowered | Self::Stock => Backend::Lowered,
            },
        )
    }
}

/// Compares what came of each case, in all ways, with what came of it in the first. `what` is the name of the comparison.
///
/// # Panics
///
/// If a case differs that is no exception, or an exception does not differ.
fn agree(what: &str, cases: &[String], ways: &[(Way, Vec<String>)]) {
    let exceptions = exceptions();
    let (_, expected) = &ways[0];
    let mut wrong = Vec::new();
    for (way, found) in &ways[1..] {
        assert_eq!(found.len(), cases.len(), "{way:?}: {found:#?}");
        for (case, (expected, found)) in cases.iter().zip(expected.iter().zip(found)) {
            let case = case.trim_end_matches(' ').escape_debug().to_string();
            let exception = exceptions
                .iter()
                .find(|exception| exception.is_of(what, &case, *way));
            match (expected == found, exception) {
                (true, None) | (false, Some(_)) => {}
                (false, None) => wrong.push(format!(
                    "{what} | {way:?} | {case}\n     split: {expected}\n     found: {found}"
                )),
                (true, Some(exception)) if exception.at_times => {}
                (true, Some(exception)) => wrong.push(format!(
                    "{what} | {way:?} | {case}\n     does not differ, though {}",
                    exception.why
                )),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
