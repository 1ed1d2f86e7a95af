//! The versions of WASI in a component's imports and exports.

use crate::abi::{InterfaceName, Shape};
use serde::Serialize;

/// A package of WASI in one version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct WasiVersion {
    /// `wasi:http`
    pub package: String,
    /// `0.3.2`, without the suffix of the split ABI.
    pub version: String,
    /// Whether any interface of it is in the split form.
    pub split: bool,
    /// Whether any interface of it is imported.
    pub imported: bool,
    /// Whether any interface of it is exported.
    pub exported: bool,
}

/// Each package in each version once, ordered by name.
pub(super) fn versions(shape: &Shape) -> Vec<WasiVersion> {
    let mut found: Vec<WasiVersion> = Vec::new();
    for (names, imported) in [(&shape.imports, true), (&shape.exports, false)] {
        for name in names.iter().filter_map(|name| InterfaceName::parse(name)) {
            let Some(version) = name.original().version else {
                continue;
            };
            if !name.package.starts_with("wasi:") {
                continue;
            }
            let text = version.to_string();
            let known = found
                .iter_mut()
                .find(|it| it.package == name.package && it.version == text);
            let entry = match known {
                Some(entry) => entry,
                None => {
                    found.push(WasiVersion {
                        package: name.package.to_owned(),
                        version: text,
                        split: false,
                        imported: false,
                        exported: false,
                    });
                    found.last_mut().expect("it was just pushed")
                }
            };
            entry.split |= name.is_split();
            entry.imported |= imported;
            entry.exported |= !imported;
        }
    }
    found.sort_by(|one, other| (&one.package, &one.version).cmp(&(&other.package, &other.version)));
    found
}
