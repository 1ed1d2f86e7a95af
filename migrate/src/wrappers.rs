//! Crates that wrap WASI, from `data/wrappers`: which version of each has WASI 0.3, and what became of its items.

use semver::{Version, VersionReq};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Wrapper {
    #[serde(rename = "crate")]
    pub name: String,
    /// The crate that it reaches WASI by, with the version of WASI.
    pub bindings: String,
    /// The day on which this was true.
    pub checked: String,
    /// Its newest version on that day.
    pub newest: Version,
    /// Its first version on the final WASI 0.3, if there is one.
    pub first: Option<Version>,
    /// What it has of release candidates.
    pub candidates: Option<String>,
    /// What else is different in its first version on 0.3.
    #[serde(default)]
    pub note: String,
    /// What became of items that this version has elsewhere or not at all, by their paths in the crate.
    #[serde(default)]
    pub paths: BTreeMap<String, Item>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// The path in the crate's first version of 0.3.
    pub to: Option<String>,
    #[serde(default)]
    pub note: String,
}

macro_rules! wrappers {
    ($($name:literal)*) => {
        &[$(include_str!(concat!("../data/wrappers/", $name, ".toml"))),*]
    };
}

const TEXTS: &[&str] = wrappers! {
    "golem-rust" "golem-wasi-http" "leptos_wasi" "spin-sdk" "waki" "wasi-async-runtime" "wasi-http-client" "wasi-hyperium" "wasmcloud-component"
    "wstd" "wstd-axum"
};

static WRAPPERS: LazyLock<Vec<Wrapper>> = LazyLock::new(|| {
    let parse = |text: &&str| toml::from_str(text).expect("the tests parse them all");
    TEXTS.iter().map(parse).collect()
});

pub fn wrappers() -> &'static [Wrapper] {
    &WRAPPERS
}

/// The wrapper with the name of this crate.
pub fn wrapper(name: &str) -> Option<&'static Wrapper> {
    wrappers().iter().find(|wrapper| wrapper.name == name)
}

impl Wrapper {
    /// The crate's name in Rust.
    pub fn ident(&self) -> String {
        self.name.replace('-', "_")
    }

    /// Whether a requirement of a manifest may be met by a version with WASI 0.3. `None`: it is no requirement.
    pub fn has_0_3(&self, requirement: &str) -> Option<bool> {
        let requirement = VersionReq::parse(requirement).ok()?;
        let Some(first) = &self.first else {
            return Some(false);
        };
        let least = requirement.comparators.first().map(|least| {
            let (minor, patch) = (least.minor.unwrap_or(0), least.patch.unwrap_or(0));
            Version::new(least.major, minor, patch)
        });
        Some(requirement.matches(first) || least.is_none_or(|least| least >= *first))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_listed() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/data/wrappers");
        let files = std::fs::read_dir(folder).unwrap();
        let data = files.filter(|file| {
            let path = file.as_ref().unwrap().path();
            path.extension()
                .is_some_and(|extension| extension == "toml")
        });
        assert_eq!(data.count(), wrappers().len());
        for wrapper in wrappers() {
            assert!(
                wrapper
                    .first
                    .as_ref()
                    .is_none_or(|first| *first <= wrapper.newest)
            );
            assert!(wrapper.first.is_some() || wrapper.paths.is_empty());
        }
    }

    #[test]
    fn versions_are_compared() {
        let spin = wrapper("spin-sdk").unwrap();
        for (requirement, expected) in [
            ("5", false),
            ("=5.2.0", false),
            ("6.0", false),
            ("7", true),
            ("^7.1", true),
            ("8", true),
            (">=5", true),
        ] {
            assert_eq!(spin.has_0_3(requirement), Some(expected), "{requirement}");
        }
        assert_eq!(wrapper("waki").unwrap().has_0_3("9"), Some(false));
        assert_eq!(spin.has_0_3("no version"), None);
    }
}
