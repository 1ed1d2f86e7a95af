//! The configuration: `isyswasfa.toml`, or `[package.metadata.isyswasfa]` of `Cargo.toml`, in the folder or one above it.

use crate::rules::rule;
use anyhow::{Context, Result, bail};
use serde::Deserialize;
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
struct Manifest {
    package: Option<Package>,
}

#[derive(Deserialize)]
struct Package {
    metadata: Option<Metadata>,
}

#[derive(Deserialize)]
struct Metadata {
    isyswasfa: Option<Config>,
}

/// The nearest configuration, from `folder` upwards.
pub fn find(folder: &Path) -> Result<Config> {
    for folder in folder.ancestors() {
        let path = folder.join("isyswasfa.toml");
        if path.is_file() {
            return read(&path, |text| toml::from_str(text).map(Some))
                .map(Option::unwrap_or_default);
        }
        let path = folder.join("Cargo.toml");
        if path.is_file() {
            let config = read(&path, |text| {
                let manifest: Manifest = toml::from_str(text)?;
                Ok(manifest
                    .package
                    .and_then(|package| package.metadata)
                    .and_then(|metadata| metadata.isyswasfa))
            })?;
            if let Some(config) = config {
                return Ok(config);
            }
        }
    }
    Ok(Config::default())
}

fn read(
    path: &Path,
    parse: impl Fn(&str) -> Result<Option<Config>, toml::de::Error>,
) -> Result<Option<Config>> {
    let text =
        fs::read_to_string(path).with_context(|| format!("failed to read `{}`", path.display()))?;
    let config = parse(&text).with_context(|| format!("failed to parse `{}`", path.display()))?;
    for name in config
        .iter()
        .flat_map(|config| config.select.iter().chain(&config.ignore))
    {
        if rule(name).is_none() {
            bail!(
                "`{}` names a rule that there is not: `{name}`\nhelp: `isyswasfa-migrate rule` lists them",
                path.display()
            );
        }
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
