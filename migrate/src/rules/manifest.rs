//! Rules about manifests.

pub mod compat_dependency;
pub mod fetched_wit;
pub mod locked_wit;
pub mod wasi_dependency;
pub mod wrapper_dependency;

use super::ManifestContext;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A dependency, wherever the manifest lists it.
struct Dependency<'a> {
    name: &'a str,
    key: Range<usize>,
    value: &'a Spanned<DeValue<'a>>,
}

impl Dependency<'_> {
    /// The crate's name, if it is renamed here.
    fn package(&self) -> &str {
        self.field("package")
            .and_then(|value| value.get_ref().as_str())
            .unwrap_or(self.name)
    }

    fn version(&self) -> Option<&str> {
        match self.value.get_ref() {
            DeValue::String(version) => Some(version),
            _ => self
                .field("version")
                .and_then(|value| value.get_ref().as_str()),
        }
    }

    fn field(&self, name: &str) -> Option<&Spanned<DeValue<'_>>> {
        let DeValue::Table(table) = self.value.get_ref() else {
            return None;
        };
        table
            .iter()
            .find(|(key, _)| key.get_ref() == name)
            .map(|(_, value)| value)
    }

    /// `NAME.workspace = true`: the version is elsewhere.
    fn is_inherited(&self) -> bool {
        self.field("workspace").is_some()
    }
}

impl ManifestContext<'_> {
    fn dependencies(&self) -> Vec<Dependency<'_>> {
        let mut found = Vec::new();
        dependencies(self.table, &mut found);
        for (key, value) in self.table.iter() {
            match (key.get_ref().as_ref(), value.get_ref()) {
                ("workspace", DeValue::Table(table)) => dependencies(table, &mut found),
                ("target", DeValue::Table(targets)) => {
                    for (_, target) in targets.iter() {
                        if let DeValue::Table(table) = target.get_ref() {
                            dependencies(table, &mut found);
                        }
                    }
                }
                _ => {}
            }
        }
        found
    }
}

fn dependencies<'a>(table: &'a DeTable<'a>, found: &mut Vec<Dependency<'a>>) {
    for (key, value) in table.iter() {
        let is_list = ["dependencies", "dev-dependencies", "build-dependencies"]
            .contains(&key.get_ref().as_ref());
        let DeValue::Table(list) = value.get_ref() else {
            continue;
        };
        if is_list {
            found.extend(list.iter().map(|(key, value)| Dependency {
                name: key.get_ref(),
                key: key.span(),
                value,
            }));
        }
    }
}
