//! The configuration: `isyswasfa.toml`, or `[package.metadata.isyswasfa]` of `Cargo.toml`, in the folder or one above it.

use crate::manifest;
use crate::rules::rule;
use anyhow::{Context, Result, anyhow, bail};
use serde::Deserialize;
use serde::de::IgnoredAny;
use std::fs;
use std::path::Path;

#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Config {
    /// Only these rules.
    #[serde(default)]
    pub select: Vec<String>,
    /// Not these.
    #[serde(default)]
    pub ignore: Vec<String>,
    /// `0.3` or `compat`.
    pub target: Option<String>,
}

#[derive(Deserialize)]
struct Manifest<T> {
    package: Option<Package<T>>,
}

#[derive(Deserialize)]
struct Package<T> {
    metadata: Option<Metadata<T>>,
}

#[derive(Deserialize)]
struct Metadata<T> {
    isyswasfa: Option<T>,
}

impl<T> Manifest<T> {
    fn isyswasfa(self) -> Option<T> {
        self.package?.metadata?.isyswasfa
    }
}

/// The nearest configuration, from `folder` upwards. A `Cargo.toml` that does not parse has none: its error is reported
/// when that file itself is looked at.
pub fn find(folder: &Path) -> Result<Config> {
    for folder in folder.ancestors() {
        let path = folder.join("isyswasfa.toml");
        if path.is_file() {
            let config = manifest::value(&text(&path)?).map_err(|error| {
                anyhow!("failed to parse `{}`: {}", path.display(), error.message)
            })?;
            return known(&path, config);
        }
        let path = folder.join("Cargo.toml");
        if path.is_file() {
            let text = text(&path)?;
            let found = manifest::value::<Manifest<IgnoredAny>>(&text).ok();
            if found.and_then(Manifest::isyswasfa).is_some() {
                let manifest = manifest::value::<Manifest<Config>>(&text).map_err(|error| {
                    anyhow!(
                        "failed to understand `[package.metadata.isyswasfa]` of `{}`: {}",
                        path.display(),
                        error.message
                    )
                })?;
                let config = manifest.isyswasfa().unwrap_or_default();
                return known(&path, config);
            }
        }
    }
    Ok(Config::default())
}

fn text(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("failed to read `{}`", path.display()))
}

/// The configuration, if the rules that it names exist.
fn known(path: &Path, config: Config) -> Result<Config> {
    let mut names = config.select.iter().chain(&config.ignore);
    if let Some(name) = names.find(|name| rule(name).is_none()) {
        bail!(
            "`{}` names a rule that there is not: `{name}`\nhelp: `isyswasfa-migrate rule` lists them",
            path.display()
        );
    }
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_counts() {
        let folder = tempfile::tempdir().unwrap();
        let inner = folder.path().join("a/b");
        fs::create_dir_all(&inner).unwrap();
        fs::write(
            folder.path().join("isyswasfa.toml"),
            "ignore = [\"wasi-version\"]\n",
        )
        .unwrap();
        assert_eq!(find(&inner).unwrap().ignore, ["wasi-version"]);
        fs::write(
            folder.path().join("a/Cargo.toml"),
            "[package]\nname = \"a\"\n[package.metadata.isyswasfa]\ntarget = \"compat\"\n",
        )
        .unwrap();
        assert_eq!(find(&inner).unwrap().target.as_deref(), Some("compat"));
    }

    #[test]
    fn a_manifest_that_does_not_parse_has_none() {
        let folder = tempfile::tempdir().unwrap();
        let deep = format!("a.{}b = 1\n", "a.".repeat(50_000));
        for text in ["[package", &deep, "[package]\nmetadata = 1\n"] {
            fs::write(folder.path().join("Cargo.toml"), text).unwrap();
            assert_eq!(find(folder.path()).unwrap(), Config::default());
        }
        let text = "[package]\n[package.metadata.isyswasfa]\ntarget = 1\n";
        fs::write(folder.path().join("Cargo.toml"), text).unwrap();
        let error = find(folder.path()).unwrap_err().to_string();
        assert!(error.contains("[package.metadata.isyswasfa]"), "{error}");
    }

    #[test]
    fn a_wrong_name_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(
            folder.path().join("isyswasfa.toml"),
            "select = [\"no-such\"]\n",
        )
        .unwrap();
        assert!(
            find(folder.path())
                .unwrap_err()
                .to_string()
                .contains("`no-such`")
        );
    }
}
