//! The manifests: the facade's crate comes in, and bindings of WASI 0.2 go when no path to them is left.

use super::changes::Changes;
use super::packages::is_wasi_0_2;
use crate::finding::Finding;
use crate::manifest;
use crate::source::Source;
use std::ops::Range;
use std::path::{Path, PathBuf};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// Where the crate `compat-api` comes from.
#[derive(Clone, Debug)]
pub enum Facade {
    Version(String),
    Path(PathBuf),
}

impl Default for Facade {
    fn default() -> Self {
        Self::Version("0.1".to_owned())
    }
}

impl Facade {
    fn value(&self, folder: &Path) -> String {
        format!(
            "{{ {}, features = [\"p2\"] }}",
            self.source("compat-api", folder)
        )
    }

    /// Where a crate of ours comes from, as a manifest in `folder` says it. They lie side by side.
    pub fn source(&self, package: &str, folder: &Path) -> String {
        match self {
            Self::Version(version) => format!("version = \"{version}\""),
            Self::Path(path) => {
                let path = path.parent().map_or(path.clone(), |beside| match package {
                    "compat-api" => path.clone(),
                    package => beside.join(package),
                });
                format!("path = \"{}\"", relative(&path, folder).display())
            }
        }
    }
}

/// The path as it is said in a manifest in `folder`.
fn relative(path: &Path, folder: &Path) -> PathBuf {
    let (Ok(path), Ok(folder)) = (std::path::absolute(path), std::path::absolute(folder)) else {
        return path.to_path_buf();
    };
    let (path, folder) = (
        super::tree::normalized(&path),
        super::tree::normalized(&folder),
    );
    let shared = path
        .components()
        .zip(folder.components())
        .take_while(|(a, b)| a == b)
        .count();
    if shared <= 1 {
        return path;
    }
    let up = folder.components().skip(shared).map(|_| Path::new(".."));
    up.map(Path::to_path_buf)
        .chain(
            path.components()
                .skip(shared)
                .map(|part| PathBuf::from(part.as_os_str())),
        )
        .collect()
}

/// One dependency, where it stands.
struct Line<'a> {
    key: Range<usize>,
    value: &'a Spanned<DeValue<'a>>,
    /// `dependencies` or `dev-dependencies`
    list: &'a str,
}

/// Changes a package's manifest. `left` says whether paths to the bindings are left.
pub fn change(changes: &mut Changes, source: &Source, facade: &Facade, left: bool) -> Vec<Finding> {
    let folder = source.path.parent().unwrap_or(Path::new("")).to_path_buf();
    let read = manifest::parsed(&source.text, |table| {
        changed(changes, &source.text, table, &facade.value(&folder), left)
    });
    read.unwrap_or_default()
}

fn changed(
    changes: &mut Changes,
    text: &str,
    table: &DeTable,
    value: &str,
    left: bool,
) -> Vec<Finding> {
    let mut lines = Vec::new();
    collect(table, &mut lines);
    let mut findings = Vec::new();
    let has = lines
        .iter()
        .find(|line| name_of(text, line).0 == "compat-api");
    if let Some(line) = has {
        match with_feature(text, line) {
            Some((place, insert)) => changes.insert(place, &insert),
            None if text[line.value.span()].contains("\"p2\"") => {}
            None => {
                let finding = Finding::new(
                    line.key.clone(),
                    "the facade is the feature `p2` of `compat-api`",
                )
                .help("add it to the features");
                findings.push(Finding {
                    rule: "facade-dependency",
                    ..finding
                });
            }
        }
    }
    let mut added = has.is_some();
    for line in &lines {
        let (package, version, is_plain) = name_of(text, line);
        let inherited = matches!(line.value.get_ref(), DeValue::Table(table) if table.iter().any(|(key, _)| key.get_ref() == "workspace"));
        if !(is_wasi_0_2(&package, version.as_deref())
            || (inherited && (package == "wasip2" || package == "wasi")))
        {
            continue;
        }
        let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let start = text[..line.key.start].rfind('\n').map_or(0, |at| at + 1);
        let is_header = text[start..].trim_start().starts_with('[');
        let new = format!("compat-api = {value}");
        let stop = end_of(line.value).max(line.key.end);
        let after = stop
            + text[stop..]
                .find('\n')
                .map_or(text.len() - stop, |at| at + 1);
        let features = text.contains(&format!("dep:{}", &text[line.key.clone()]))
            || text.contains(&format!("\"{}/", &text[line.key.clone()]));
        let keep = left || !is_plain || features;
        match (is_header, keep) {
            (false, false) if !added => changes.replace(start..stop, &new),
            (false, false) => changes.replace(start..after, ""),
            (false, true) if !added => {
                let before = if text[..after].ends_with('\n') {
                    ""
                } else {
                    end
                };
                changes.insert(after, &format!("{before}{new}{end}"));
            }
            // `[dependencies.wasip2]`: a table takes the place of a table, or goes before it.
            (true, keep) => {
                let table = format!(
                    "[{}.compat-api]{end}{}{end}{end}",
                    line.list,
                    value
                        .trim_matches(['{', '}', ' '])
                        .replace(", features", &format!("{end}features"))
                );
                let table = if added { "" } else { table.as_str() };
                let next = text[after..]
                    .find("\n[")
                    .map_or(text.len(), |at| after + at + 1);
                if keep {
                    changes.insert(start, table);
                } else {
                    changes.replace(start..next, table);
                }
            }
            _ => {}
        }
        added = true;
        if keep {
            let finding = Finding::new(
                line.key.clone(),
                format!("`{package}` stays beside the facade"),
            )
            .help("take it out when nothing needs it");
            findings.push(Finding {
                rule: "facade-dependency",
                ..finding
            });
        }
    }
    if !added {
        // The bindings were generated.
        let end = if text.contains("\r\n") { "\r\n" } else { "\n" };
        let header = text
            .match_indices("[dependencies]")
            .find(|(at, _)| text[..*at].is_empty() || text[..*at].ends_with('\n'));
        match header {
            Some((at, found)) => {
                let after = text[at..]
                    .find('\n')
                    .map_or(text.len(), |length| at + length + 1);
                let before = if after == at + found.len() { end } else { "" };
                changes.insert(after, &format!("{before}compat-api = {value}{end}"));
            }
            None => changes.insert(
                text.len(),
                &format!("{end}[dependencies]{end}compat-api = {value}{end}"),
            ),
        }
    }
    findings
}

/// Where a value ends. That of a dotted key is a table without a place of its own.
fn end_of(value: &Spanned<DeValue>) -> usize {
    match value.get_ref() {
        DeValue::Table(table) => table
            .iter()
            .map(|(_, value)| end_of(value))
            .max()
            .unwrap_or(0)
            .max(value.span().end),
        _ => value.span().end,
    }
}

fn collect<'a>(table: &'a DeTable<'a>, lines: &mut Vec<Line<'a>>) {
    for (key, value) in table.iter() {
        let DeValue::Table(list) = value.get_ref() else {
            continue;
        };
        match key.get_ref().as_ref() {
            name @ ("dependencies" | "dev-dependencies") => {
                lines.extend(list.iter().map(|(key, value)| Line {
                    key: key.span(),
                    value,
                    list: name,
                }))
            }
            "target" => {
                for (_, target) in list.iter() {
                    if let DeValue::Table(target) = target.get_ref() {
                        collect(target, lines);
                    }
                }
            }
            _ => {}
        }
    }
}

/// The package, its version, and whether the dependency says nothing but that and features.
fn name_of(text: &str, line: &Line) -> (String, Option<String>, bool) {
    let key = text[line.key.clone()].trim_matches('"').to_owned();
    match line.value.get_ref() {
        DeValue::String(version) => (key, Some(version.to_string()), true),
        DeValue::Table(table) => {
            let field = |name: &str| {
                table
                    .iter()
                    .find(|(key, _)| key.get_ref() == name)
                    .and_then(|(_, value)| value.get_ref().as_str())
            };
            let plain = table.iter().all(|(key, _)| {
                [
                    "version",
                    "features",
                    "default-features",
                    "workspace",
                    "package",
                ]
                .contains(&key.get_ref().as_ref())
            });
            (
                field("package").map_or(key, str::to_owned),
                field("version").map(str::to_owned),
                plain,
            )
        }
        _ => (key, None, false),
    }
}

/// Where the feature is to be added, and what.
fn with_feature(text: &str, line: &Line) -> Option<(usize, String)> {
    let DeValue::Table(table) = line.value.get_ref() else {
        return None;
    };
    match table.iter().find(|(key, _)| key.get_ref() == "features") {
        Some((_, list)) => {
            let DeValue::Array(features) = list.get_ref() else {
                return None;
            };
            if features
                .iter()
                .any(|feature| feature.get_ref().as_str() == Some("p2"))
            {
                return None;
            }
            Some(match features.iter().last() {
                Some(last) => (last.span().end, ", \"p2\"".to_owned()),
                None => (list.span().start + 1, "\"p2\"".to_owned()),
            })
        }
        None => {
            let inline = text[line.value.span()].starts_with('{');
            let last = table.iter().map(|(_, value)| value.span().end).max()?;
            inline.then(|| (last, ", features = [\"p2\"]".to_owned()))
        }
    }
}
