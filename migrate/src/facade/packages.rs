//! The packages of a tree: their folders, what they are called in code, and under which names they know WASI 0.2 and each other.

use crate::manifest;
use crate::source::{Kind, Source};
use rustc_hash::FxHashMap;
use std::path::{Path, PathBuf};
use toml::de::{DeTable, DeValue};

/// A package, as its manifest tells it.
#[derive(Default)]
pub struct Package {
    /// The index of the manifest among the sources. `None` for Rust files without one.
    pub manifest: Option<usize>,
    pub folder: PathBuf,
    /// The crate's name in code: `my_app`.
    pub name: String,
    /// The names in code of crates that bind WASI 0.2.
    pub wasi: Vec<String>,
    /// The names in code of other packages, with their names.
    pub others: FxHashMap<String, String>,
    /// The roots of its crates that the manifest names.
    pub roots: Vec<PathBuf>,
    /// The features that are on without being asked for.
    pub features: Vec<String>,
}

/// The packages of these sources, and which of them each source belongs to.
pub fn packages(sources: &[Source]) -> (Vec<Package>, Vec<usize>) {
    let mut packages: Vec<Package> = Vec::new();
    for (index, source) in sources.iter().enumerate() {
        if source.kind == Kind::Cargo
            && let Ok(Some(package)) =
                manifest::parsed(&source.text, |table| read(table, index, source, sources))
        {
            packages.push(package);
        }
    }
    // The innermost folder counts.
    packages.sort_by_key(|package| std::cmp::Reverse(package.folder.components().count()));
    packages.push(Package {
        wasi: vec!["wasip2".to_owned()],
        ..Package::default()
    });
    let of = sources
        .iter()
        .map(|source| {
            packages
                .iter()
                .position(|package| source.path.starts_with(&package.folder))
                .unwrap_or(packages.len() - 1)
        })
        .collect();
    (packages, of)
}

fn read(table: &DeTable, index: usize, source: &Source, sources: &[Source]) -> Option<Package> {
    let folder = source.path.parent().unwrap_or(Path::new("")).to_path_buf();
    let package = sub(table, "package")?;
    let own = text(package, "name")?;
    let lib = sub(table, "lib");
    let name = lib.and_then(|lib| text(lib, "name")).unwrap_or(own);
    let mut roots: Vec<PathBuf> = lib
        .and_then(|lib| text(lib, "path"))
        .map(|path| folder.join(path))
        .into_iter()
        .collect();
    for (key, value) in table.iter() {
        if let ("bin" | "example" | "test" | "bench", DeValue::Array(targets)) =
            (key.get_ref().as_ref(), value.get_ref())
        {
            for target in targets.iter() {
                if let DeValue::Table(target) = target.get_ref() {
                    roots.extend(text(target, "path").map(|path| folder.join(path)));
                }
            }
        }
    }
    let mut wasi = Vec::new();
    let mut others = FxHashMap::default();
    let inherited = inherited(&folder, sources);
    each_dependency(table, &mut |name, value| {
        let field = |wanted| match value {
            DeValue::Table(table) => text(table, wanted),
            _ => None,
        };
        let version = match value {
            DeValue::String(version) => Some(version.to_string()),
            _ => field("version").map(str::to_owned),
        };
        let is_inherited = matches!(value, DeValue::Table(table) if table.iter().any(|(key, _)| key.get_ref() == "workspace"));
        let (package, version) = match inherited.get(name) {
            Some((package, version)) if is_inherited => (package.clone(), version.clone()),
            _ => (field("package").unwrap_or(name).to_owned(), version),
        };
        let code = name.replace('-', "_");
        if is_wasi_0_2(&package, version.as_deref()) {
            wasi.push(code);
        } else {
            others.insert(code, package);
        }
    });
    // An example of the crate itself knows it by its name.
    others.insert(name.replace('-', "_"), own.to_owned());
    Some(Package {
        manifest: Some(index),
        folder,
        name: own.to_owned(),
        wasi,
        others,
        roots,
        features: default_features(table),
    })
}

/// The default features, with what they turn on.
fn default_features(table: &DeTable) -> Vec<String> {
    let mut found = vec!["default".to_owned()];
    let mut at = 0;
    while let (Some(features), Some(name)) = (sub(table, "features"), found.get(at)) {
        let list = features.iter().find(|(key, _)| key.get_ref() == name);
        if let Some(DeValue::Array(list)) = list.map(|(_, list)| list.get_ref()) {
            for feature in list.iter().filter_map(|feature| feature.get_ref().as_str()) {
                if !found.iter().any(|other| other == feature) {
                    found.push(feature.to_owned());
                }
            }
        }
        at += 1;
    }
    found
}

/// Whether a crate binds WASI 0.2. Before 0.12, `wasi` was another interface altogether.
pub fn is_wasi_0_2(package: &str, version: Option<&str>) -> bool {
    match package {
        "wasip2" => true,
        "wasi" => version.is_some_and(|version| {
            let version = version.trim_start_matches(['=', '^', '~', '>', ' ']);
            let mut parts = version.split(['.', '+', ',', '-']);
            parts.next() == Some("0")
                && parts
                    .next()
                    .and_then(|minor| minor.parse::<u32>().ok())
                    .is_some_and(|minor| (12..15).contains(&minor))
        }),
        _ => false,
    }
}

/// The package and version that each dependency of the workspace has.
fn inherited(folder: &Path, sources: &[Source]) -> FxHashMap<String, (String, Option<String>)> {
    let mut found = FxHashMap::default();
    for ancestor in folder.ancestors() {
        let manifest = ancestor.join("Cargo.toml");
        let Some(source) = sources.iter().find(|source| source.path == manifest) else {
            continue;
        };
        let read = manifest::parsed(&source.text, |table| {
            let Some(workspace) = sub(table, "workspace") else {
                return false;
            };
            each_dependency(workspace, &mut |name, value| {
                let (package, version) = match value {
                    DeValue::String(version) => (None, Some(version.to_string())),
                    DeValue::Table(table) => (
                        text(table, "package"),
                        text(table, "version").map(str::to_owned),
                    ),
                    _ => (None, None),
                };
                found.insert(
                    name.to_owned(),
                    (package.unwrap_or(name).to_owned(), version),
                );
            });
            true
        });
        if read == Ok(true) {
            break;
        }
    }
    found
}

fn each_dependency(table: &DeTable, visit: &mut dyn FnMut(&str, &DeValue)) {
    for (key, value) in table.iter() {
        let DeValue::Table(list) = value.get_ref() else {
            continue;
        };
        match key.get_ref().as_ref() {
            "dependencies" | "dev-dependencies" => list
                .iter()
                .for_each(|(name, value)| visit(name.get_ref(), value.get_ref())),
            "target" => list.iter().for_each(|(_, target)| {
                if let DeValue::Table(target) = target.get_ref() {
                    each_dependency(target, visit);
                }
            }),
            _ => {}
        }
    }
}

fn sub<'a>(table: &'a DeTable<'a>, name: &str) -> Option<&'a DeTable<'a>> {
    match table
        .iter()
        .find(|(key, _)| key.get_ref() == name)?
        .1
        .get_ref()
    {
        DeValue::Table(table) => Some(table),
        _ => None,
    }
}

fn text<'a>(table: &'a DeTable<'a>, name: &str) -> Option<&'a str> {
    table
        .iter()
        .find(|(key, _)| key.get_ref() == name)?
        .1
        .get_ref()
        .as_str()
}
