//! The reports: findings in the form that was asked for.

mod full;
mod github;
mod json;
mod sarif;

use crate::engine::FileError;
use crate::finding::Finding;
use crate::place::position;
use crate::source::Source;
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::io::{self, Write};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// The place, the line, and what to do.
    #[default]
    Full,
    /// A line each.
    Concise,
    /// One JSON array.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Annotations of GitHub Actions.
    Github,
}

/// The report of one file.
pub struct FileReport<'a> {
    pub source: &'a Source,
    pub findings: &'a [Finding],
    pub error: Option<&'a FileError>,
}

impl FileReport<'_> {
    fn path(&self) -> String {
        self.source.path.display().to_string()
    }
}

/// `coloured` applies to the forms for people.
pub fn print(
    format: Format,
    files: &[FileReport],
    coloured: bool,
    out: &mut dyn Write,
) -> io::Result<()> {
    match format {
        Format::Full if coloured => side_by_side(files, full::coloured, out),
        Format::Full => side_by_side(files, full::plain, out),
        Format::Concise => side_by_side(files, concise, out),
        Format::Json => json::print(files, out),
        Format::Sarif => sarif::print(files, out),
        Format::Github => github::print(files, out),
    }
}

/// The report of each file is independent of the others, so that many can be made at once.
fn side_by_side(
    files: &[FileReport],
    print: fn(&FileReport, &mut Vec<u8>) -> io::Result<()>,
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

fn concise(file: &FileReport, out: &mut Vec<u8>) -> io::Result<()> {
    let path = file.path();
    if let Some(error) = file.error {
        let at = position(&file.source.text, error.at);
        let (line, column, message) = (at.line, at.column, &error.message);
        writeln!(out, "{path}:{line}:{column}: error: {message}")?;
    }
    for finding in file.findings {
        let at = position(&file.source.text, finding.range.start);
        let (line, column, rule) = (at.line, at.column, finding.rule);
        let (safety, message) = (finding.safety(), &finding.message);
        writeln!(out, "{path}:{line}:{column}: {rule} [{safety}] {message}")?;
    }
    Ok(())
}

/// How often each rule found something, and how much of it can be fixed.
pub fn statistics(files: &[FileReport], out: &mut dyn Write) -> io::Result<()> {
    let mut rules: BTreeMap<&str, [usize; 3]> = BTreeMap::new();
    for finding in files.iter().flat_map(|file| file.findings) {
        let kind = ["safe", "unsafe", "manual"]
            .iter()
            .position(|kind| *kind == finding.safety());
        rules.entry(finding.rule).or_default()[kind.unwrap_or(2)] += 1;
    }
    writeln!(
        out,
        "{:>6} {:>6} {:>6} {:>6}  rule",
        "found", "safe", "unsafe", "manual"
    )?;
    let mut rules: Vec<_> = rules.into_iter().collect();
    rules.sort_by_key(|(_, counts)| std::cmp::Reverse(counts.iter().sum::<usize>()));
    for (rule, [safe, risky, manual]) in rules {
        writeln!(
            out,
            "{:>6} {safe:>6} {risky:>6} {manual:>6}  {rule}",
            safe + risky + manual
        )?;
    }
    Ok(())
}
