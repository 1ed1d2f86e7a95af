//! The tables of `HOSTS.md`: what each host did, and its messages on refusals.

use super::record::{Kind, Record};
use crate::guest::Backend;
use anyhow::{Context, Result};
use std::path::Path;

/// The generated part is between these lines; the rest is written by hand.
const BEGIN: &str = "<!-- written by `cargo xtask test --hosts` -->";
const END: &str = "<!-- end of what it writes -->";

pub struct Host {
    /// Its name in the records.
    pub name: &'static str,
    /// Its name in the tables, in Markdown.
    pub title: String,
    pub version: String,
    /// What it serves and runs, if another page shows that.
    pub elsewhere: Option<&'static str>,
}

/// Replaces the tables in the file at `path`.
pub fn write(path: &Path, hosts: &[Host], records: &[Record]) -> Result<()> {
    let old = std::fs::read_to_string(path)
        .with_context(|| format!("failed to read `{}`", path.display()))?;
    let new = replaced(&old, &tables(hosts, records))
        .with_context(|| format!("no lines `{BEGIN}` and `{END}` in `{}`", path.display()))?;
    std::fs::write(path, new).with_context(|| format!("failed to write `{}`", path.display()))
}

fn replaced(old: &str, tables: &str) -> Option<String> {
    let (before, rest) = old.split_once(BEGIN)?;
    let (_, after) = rest.split_once(END)?;
    Some(format!("{before}{BEGIN}\n\n{tables}\n{END}{after}"))
}

fn tables(hosts: &[Host], records: &[Record]) -> String {
    let mut text = row(&[
        "host",
        "version",
        "serves",
        "bodies",
        "runs",
        "un-lowered",
        "native",
    ]);
    text += &row(&["---"; 7]);
    for host in hosts {
        let did = |kind| host.did(records, kind);
        let refused = |backend| {
            if host.words(records, backend).is_empty() {
                "-"
            } else {
                "refused"
            }
        };
        text += &row(&[
            &host.title,
            &host.version,
            &did(Kind::Serves),
            &did(Kind::Bodies),
            &did(Kind::Runs),
            refused(Backend::Isyswasfa),
            refused(Backend::Native),
        ]);
    }
    text += "\nWhat they say to what they refuse:\n\n";
    text += &row(&["host", "to an un-lowered one", "to a native one"]);
    text += &row(&["---"; 3]);
    for host in hosts {
        text += &row(&[
            &host.title,
            &host.words(records, Backend::Isyswasfa),
            &host.words(records, Backend::Native),
        ]);
    }
    text
}

fn row(cells: &[&str]) -> String {
    format!("| {} |\n", cells.join(" | "))
}

impl Host {
    fn records<'r>(
        &self,
        records: &'r [Record],
        kind: Kind,
    ) -> impl Iterator<Item = &'r Record> + use<'r> {
        let name = self.name;
        let records = records.iter();
        records.filter(move |record| record.host == name && record.kind == kind)
    }

    /// All records of a kind.
    fn did(&self, records: &[Record], kind: Kind) -> String {
        if let Some(elsewhere) = self.elsewhere {
            return elsewhere.to_owned();
        }
        let what = self.records(records, kind).map(|record| match kind {
            Kind::Bodies => record.what.clone(),
            Kind::Serves | Kind::Runs | Kind::Refuses => format!("`{}`", record.what),
        });
        match what.collect::<Vec<_>>().join(", ") {
            nothing if nothing.is_empty() => "-".into(),
            what => what,
        }
    }

    /// Its messages on a build.
    fn words(&self, records: &[Record], backend: Backend) -> String {
        let refused = self.records(records, Kind::Refuses);
        let refused = refused.filter(|record| record.what == backend.name());
        let mut words: Vec<_> = refused
            .filter_map(|record| record.said.as_deref())
            .collect();
        words.dedup();
        // The messages contain backticks; a bar would end the cell.
        let words = words
            .iter()
            .map(|words| format!("`` {} ``", words.replace('|', "\\|")));
        words.collect::<Vec<_>>().join("<br>")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(kind: Kind, what: &str, said: Option<&str>) -> Record {
        Record {
            host: "it".into(),
            kind,
            what: what.into(),
            said: said.map(str::to_owned),
        }
    }

    #[test]
    fn a_row_has_a_hosts_records_and_the_rest_of_the_file_stays() {
        let host = Host {
            name: "it",
            title: "It".into(),
            version: "1".into(),
            elsewhere: None,
        };
        let records = [
            record(Kind::Serves, "echo", None),
            record(Kind::Refuses, "native", Some("no `x`|y")),
            record(Kind::Refuses, "native", Some("no `x`|y")),
        ];
        let old = format!("before\n{BEGIN}\nold\n{END}\nafter\n");
        let new = replaced(&old, &tables(&[host], &records)).unwrap();
        assert!(new.starts_with("before\n<!--") && new.ends_with("-->\nafter\n"));
        assert!(
            new.contains("| It | 1 | `echo` | - | - | - | refused |\n"),
            "{new}"
        );
        assert!(new.contains("| It |  | `` no `x`\\|y `` |\n"), "{new}");
        assert_eq!(replaced("neither", ""), None);
    }
}
