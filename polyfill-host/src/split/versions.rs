//! The versions of WASI 0.3's split interfaces that this host implements.

use isyswasfa_wit::names::MOVED;

/// The newest patch version of WASI 0.3 that this host implements.
const PATCH: u32 = 2;

/// The names of a WASI 0.3 interface as split, in every version that this host implements: `wasi:http/types` in
/// `0.3.0-isyswasfa`, `0.3.1-isyswasfa`, ...
///
/// A pre-release is matched exactly, so each patch version is defined; guests see no difference.
pub fn versions(interface: &str) -> impl Iterator<Item = String> + use<> {
    let interface = interface.to_string();
    (0..=PATCH).map(move |patch| format!("{interface}@0.3.{patch}-{MOVED}"))
}

/// Whether `name` is a WASI 0.3 interface as split, in any version that this host implements.
pub fn is_version_of(name: &str, interface: &str) -> bool {
    versions(interface).any(|version| version == name)
}
