//! The reports: findings in the form that was asked for.

mod components;
mod concise;
mod explain;
mod fingerprint;
mod full;
mod github;
mod html;
mod json;
mod sarif;
mod summary;

use crate::engine::FileError;
use crate::finding::Finding;
use crate::source::Source;
pub use components::{ComponentReport, ComponentUse};
use rayon::prelude::*;
use serde::Serialize;
use std::io::{self, Write};
pub use summary::{Left, Summary, mark_taken_along};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// The place, the line, and what to do.
    #[default]
    Full,
    /// A line each.
    Concise,
    /// One JSON document.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Annotations of GitHub Actions.
    Github,
    /// One page to plan with: files, findings, and each file before and after.
    Html,
}

/// The report of one file.
pub struct FileReport<'a> {
    pub source: &'a Source,
    pub findings: &'a [Finding],
    pub error: Option<&'a FileError>,
    /// The text after `rewrite --unsafe`, if that is known.
    pub after: Option<&'a str>,
}

impl FileReport<'_> {
    fn path(&self) -> String {
        self.source.path.display().to_string().replace('\\', "/")
    }
}

/// What was rewritten in a file.
#[derive(Serialize)]
pub struct Rewritten {
    pub path: String,
    /// `None`: the step is made for whole packages, and not counted by file.
    pub fixes: Option<usize>,
}

/// The counts of `--to facade`.
#[derive(Serialize)]
pub struct FacadeCounts {
    pub paths: usize,
    pub awaited: usize,
    pub blocking: usize,
    pub functions: usize,
}

/// All that a run has to report.
#[derive(Default)]
pub struct Document<'a> {
    pub files: Vec<FileReport<'a>>,
    /// Files that could not be read, and why.
    pub unreadable: Vec<(String, String)>,
    pub components: Vec<ComponentReport>,
    pub rewritten: Vec<Rewritten>,
    pub facade: Option<FacadeCounts>,
    pub summary: Summary,
}

/// How it looks to people.
#[derive(Clone, Copy, Default)]
pub struct Look {
    pub coloured: bool,
    /// With the change that each fix makes, and the reasons for each rule.
    pub explained: bool,
}

pub fn print(
    format: Format,
    document: &Document,
    look: Look,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        Format::Full => {
            components::print(&document.components, out)?;
            side_by_side(
                &document.files,
                |file, out| full::print(file, look, out),
                out,
            )?;
            if look.explained {
                explain::rules(document, look.coloured, out)?;
            }
            Ok(())
        }
        Format::Concise => {
            components::print(&document.components, out)?;
            side_by_side(&document.files, concise::print, out)
        }
        Format::Json => json::print(document, out),
        Format::Sarif => sarif::print(document, out),
        Format::Github => github::print(document, out),
        Format::Html => html::print(document, out),
    }
}

/// The document as JSON, a line at its end.
pub fn json_text(document: &Document) -> anyhow::Result<String> {
    let mut text = Vec::new();
    json::print(document, &mut text)?;
    Ok(String::from_utf8(text)?)
}

/// How often each rule found something, and how much of it can be fixed.
pub fn statistics(document: &Document, out: &mut dyn Write) -> io::Result<()> {
    let (found, safe, risky, manual) = ("found", "safe", "unsafe", "manual");
    writeln!(out, "{found:>6} {safe:>6} {risky:>6} {manual:>6}  rule")?;
    for (rule, counts) in document.summary.by_count() {
        let [safe, risky, manual] = [counts.safe, counts.risky, counts.manual];
        let found = counts.all();
        writeln!(out, "{found:>6} {safe:>6} {risky:>6} {manual:>6}  {rule}")?;
    }
    Ok(())
}

/// The report of each file is independent of the others, so that many can be made at once.
fn side_by_side(
    files: &[FileReport],
    print: impl Fn(&FileReport, &mut Vec<u8>) -> io::Result<()> + Sync,
    out: &mut dyn Write,
) -> io::Result<()> {
    let told: io::Result<Vec<Vec<u8>>> = files
        .par_iter()
        .map(|file| {
            let mut told = Vec::new();
            print(file, &mut told)?;
            Ok(told)
        })
        .collect();
    told?.iter().try_for_each(|told| out.write_all(told))
}
