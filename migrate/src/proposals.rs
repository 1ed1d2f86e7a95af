//! Standard proposals in WIT, from `data/proposals.toml`: what they take from `wasi:io`, and whether they have a version for 0.3.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Proposal {
    /// The version for 0.2.
    pub old: String,
    /// The version for 0.3.
    pub new: Option<String>,
    /// What is different in that.
    #[serde(default)]
    pub note: String,
    /// The day on which this was true.
    pub checked: String,
    /// Where it was seen.
    pub source: String,
    /// What an interface uses of `wasi:io`.
    #[serde(default)]
    pub takes: BTreeMap<String, String>,
}

static PROPOSALS: LazyLock<BTreeMap<String, Proposal>> = LazyLock::new(|| {
    let text = include_str!("../data/proposals.toml");
    toml::from_str(text).expect("the tests parse it")
});

pub fn proposals() -> &'static BTreeMap<String, Proposal> {
    &PROPOSALS
}

/// The proposal of this package of the namespace `wasi`.
pub fn proposal(package: &str) -> Option<&'static Proposal> {
    PROPOSALS.get(package)
}

impl Proposal {
    /// What there is for 0.3, in words.
    pub fn advice(&self, package: &str) -> String {
        match &self.new {
            Some(new) => format!("`wasi:{package}@{new}` is for 0.3: {}", self.note),
            None => format!(
                "there is no version of `wasi:{package}` for 0.3 yet (as of {}); import 0.2's beside 0.3, or use a package of your own in its place",
                self.checked
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_are_there() {
        for name in ["blobstore", "config", "keyvalue", "messaging", "tls"] {
            let found = proposal(name).unwrap();
            assert!(found.old.starts_with("0.2.0-") && !found.source.is_empty());
            assert!(found.advice(name).contains(name));
        }
    }
}
