//! The interfaces that hosts link, from `data/hosts`: one file for each host, with the source of the facts.

use serde::Deserialize;
use std::sync::LazyLock;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Host {
    #[serde(skip)]
    pub name: &'static str,
    pub title: String,
    /// The source of the facts.
    pub source: String,
    /// Versions of WASI: `0.2` for all patch versions (hosts match them with each other), a pre-release for exactly that one.
    links: Vec<String>,
}

macro_rules! hosts {
    ($($name:literal)*) => {
        &[$(($name, include_str!(concat!("../data/hosts/", $name, ".toml")))),*]
    };
}

const TEXTS: &[(&str, &str)] = hosts! {
    "wasmtime-36" "wasmtime-48" "wasmtime-py-50" "spin-3" "spin-4.0" "spin-4.1" "wasmcloud-2.5" "jco-1.35"
};

static HOSTS: LazyLock<Vec<Host>> = LazyLock::new(|| {
    let parse = |(name, text): &(&'static str, &str)| Host {
        name,
        ..toml::from_str(text).expect("the tests parse them all")
    };
    TEXTS.iter().map(parse).collect()
});

pub fn hosts() -> &'static [Host] {
    &HOSTS
}

/// The host with this name, or whose name begins so up to a dash or a dot: `jco` is the newest jco, `spin-4` the newest spin 4.
pub fn host(name: &str) -> Option<&'static Host> {
    let begins = |host: &&Host| {
        host.name.strip_prefix(name).is_some_and(|rest| {
            let mut rest = rest.chars();
            matches!(rest.next(), Some('-' | '.'))
                && rest.next().is_some_and(|first| first.is_ascii_digit())
        })
    };
    let exact = hosts().iter().find(|host| host.name == name);
    // The list has older versions first.
    exact.or_else(|| hosts().iter().rfind(begins))
}

impl Host {
    /// Whether it links WASI's packages of this version.
    pub fn links(&self, version: &semver::Version) -> bool {
        self.links
            .iter()
            .any(|linked| match semver::Version::parse(linked) {
                Ok(exact) => exact == *version,
                Err(_) => {
                    version.pre.is_empty()
                        && *linked == format!("{}.{}", version.major, version.minor)
                }
            })
    }

    /// The versions, for people.
    pub fn versions(&self) -> String {
        self.links.join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pre_release_is_matched_exactly() {
        let links = |host: &str, version: &str| {
            hosts()
                .iter()
                .find(|found| found.name == host)
                .unwrap()
                .links(&version.parse().unwrap())
        };
        assert!(links("spin-4.0", "0.2.6") && links("spin-4.0", "0.3.0-rc-2026-03-15"));
        assert!(!links("spin-4.0", "0.3.0") && !links("spin-4.1", "0.3.0-rc-2026-01-06"));
        assert!(links("wasmtime-48", "0.3.2") && !links("wasmtime-36", "0.3.2"));
    }

    #[test]
    fn the_newest_of_a_family() {
        let name = |of: &str| host(of).map(|host| host.name);
        assert_eq!(name("spin-4"), Some("spin-4.1"));
        assert_eq!(name("spin-4.0"), Some("spin-4.0"));
        assert_eq!(name("wasmtime"), Some("wasmtime-48"));
        assert_eq!(name("jco"), Some("jco-1.35"));
        assert_eq!(name("wasmcloud-2"), Some("wasmcloud-2.5"));
        assert_eq!(name("spi"), None);
        assert_eq!(name("spin-5"), None);
    }

    #[test]
    fn every_file_is_listed() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/data/hosts");
        assert_eq!(std::fs::read_dir(folder).unwrap().count(), hosts().len());
    }
}
