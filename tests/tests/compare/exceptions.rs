//! What differs, and why it must: the table `exceptions.txt`.

use super::Way;
use std::fs;

/// Cases that differ from what the split ABI comes to.
pub struct Exception {
    /// The comparison.
    what: String,
    /// What the case is, with a `*` for any text.
    case: String,
    way: String,
    pub why: String,
    /// It need not differ: that is a question of time.
    pub at_times: bool,
}

impl Exception {
    pub fn is_of(&self, what: &str, case: &str, way: Way) -> bool {
        self.what == what && self.way == format!("{way:?}") && matches(&self.case, case)
    }
}

/// The table: below each reason, lines of comparison, way and case. A reason that begins with "At times" is one of what may differ.
pub fn exceptions() -> Vec<Exception> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/compare/exceptions.txt");
    let text = fs::read_to_string(file).expect("the table can be read");
    let mut exceptions = Vec::new();
    let mut why = "";
    for line in text.lines().filter(|line| !line.is_empty()) {
        if let Some(reason) = line.strip_prefix("# ") {
            why = reason;
            continue;
        }
        let mut parts = line.splitn(3, " | ").map(|part| part.trim().to_owned());
        let mut part = || {
            parts
                .next()
                .unwrap_or_else(|| panic!("not an exception: `{line}`"))
        };
        exceptions.push(Exception {
            what: part(),
            way: part(),
            case: part(),
            why: why.to_owned(),
            at_times: why.starts_with("At times"),
        });
    }
    exceptions
}

/// Whether the text is what the pattern says.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((first, rest)) => text.strip_prefix(first).is_some_and(|text| {
            let ends = text.char_indices().map(|(at, _)| at);
            ends.chain([text.len()])
                .any(|at| matches(rest, &text[at..]))
        }),
    }
}
