//! The command `check`: what has to change.

use super::component::Component;
use super::progress::Progress;
use super::{Selection, known, report_unreadable};
use anyhow::{Result, bail};
use isyswasfa_migrate::edit::Safety;
use isyswasfa_migrate::finding::joined;
use isyswasfa_migrate::hosts::{self, Host, hosts};
use isyswasfa_migrate::report::{self, Document, FileReport, Format, Left, Look, Summary};
use isyswasfa_migrate::{Migrated, Options, Report, Source, check, migrate};
use std::io::{Write, stdout};
use std::path::PathBuf;
use std::process::ExitCode;

/// Says what has to change, and changes nothing
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  isyswasfa-migrate check wit src
  isyswasfa-migrate check --explain src/lib.rs
  isyswasfa-migrate check app.wasm --target-host spin-4.0
  isyswasfa-migrate check --output-format html > report.html
  isyswasfa-migrate check --output-format github --baseline known.json
  cat app.wit | isyswasfa-migrate check - --stdin-filename app.wit

A comment keeps one finding quiet: `// isyswasfa: allow(rule) reason`, on its line or above it.")]
pub struct Arguments {
    #[command(flatten)]
    selection: Selection,
    /// Also find what this host doesn't link
    #[arg(long, value_name = "HOST")]
    target_host: Option<String>,
    /// How to tell it
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    output_format: Format,
    /// With the change that each fix makes, and the reasons for each rule
    #[arg(long)]
    explain: bool,
    /// Count findings by rule instead of showing them
    #[arg(long)]
    statistics: bool,
    /// Leave out the findings in this file
    #[arg(long, value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Write the findings to a file for `--baseline`
    #[arg(long, value_name = "FILE", conflicts_with = "baseline")]
    write_baseline: Option<PathBuf>,
    /// Write a comment above each finding that allows it for this reason
    #[arg(long, value_name = "REASON")]
    add_allow: Option<String>,
}

/// How many files with findings are rewritten to say what would be left. That takes many times as long as to look at them.
const REWRITTEN: usize = 200;

pub fn run(arguments: Arguments) -> Result<ExitCode> {
    let format = arguments.output_format;
    if arguments.explain && (format != Format::Full || arguments.statistics) {
        bail!("`--explain` explains findings in the form `full`\nhelp: leave out the other option");
    }
    let mut options = arguments.selection.options()?;
    options.host = arguments.target_host.as_deref().map(host).transpose()?;
    let found = arguments.selection.collect()?;
    report_unreadable(&found);
    let components = found
        .components
        .iter()
        .map(|path| Component::read(path))
        .collect::<Result<Vec<_>>>()?;
    let sources = &found.sources;
    let progress = Progress::new("checking", sources.len());
    options.looked_at = Some(progress.count.clone());
    let mut reports = check(sources, &options);
    drop(progress);
    let could_not =
        !found.unreadable.is_empty() || reports.iter().any(|report| report.error.is_some());

    if let Some(path) = &arguments.baseline {
        known::leave_out(path, sources, &mut reports)?;
    }
    if let Some(path) = &arguments.write_baseline {
        known::write_baseline(path, sources, &reports)?;
        return Ok(status(could_not, 0));
    }
    if let Some(reason) = &arguments.add_allow {
        known::allow_all(reason, sources, &reports)?;
        return Ok(status(could_not, 0));
    }

    let migrated = rewritten(sources, &reports, &options, format == Format::Html);
    if let Some(migrated) = &migrated {
        report::mark_taken_along(&mut reports, migrated);
    }
    for report in &mut reports {
        report.findings = joined(std::mem::take(&mut report.findings));
    }
    let document = document(sources, &reports, migrated.as_ref());
    let document = Document {
        components: components
            .iter()
            .map(|component| component.report(options.host))
            .collect(),
        unreadable: found
            .unreadable
            .iter()
            .map(|(path, error)| (path.display().to_string(), error.clone()))
            .collect(),
        ..document
    };

    let mut out = Vec::new();
    let look = Look {
        coloured: is_coloured(),
        explained: arguments.explain,
    };
    match arguments.statistics {
        true => report::statistics(&document, &mut out)?,
        false => report::print(format, &document, look, &mut out)?,
    }
    // Of components alone there is nothing to sum up.
    if format == Format::Full && (components.is_empty() || !sources.is_empty()) {
        for line in document.summary.lines() {
            match arguments.statistics {
                true => writeln!(out, "\n{line}")?,
                false => writeln!(out, "{line}")?,
            }
        }
    }
    let mut stdout = stdout().lock();
    stdout.write_all(&out)?;
    stdout.flush()?;
    let in_components = document.components.iter().map(|found| found.uses.len());
    let total = document.summary.findings + in_components.sum::<usize>();
    Ok(status(could_not, total))
}

fn status(could_not: bool, found: usize) -> ExitCode {
    ExitCode::from(if could_not { 2 } else { u8::from(found > 0) })
}

fn document<'a>(
    sources: &'a [Source],
    reports: &'a [Report],
    migrated: Option<&'a Migrated>,
) -> Document<'a> {
    let files = sources.iter().zip(reports).enumerate();
    let files: Vec<_> = files
        .map(|(index, (source, report))| FileReport {
            source,
            findings: &report.findings,
            error: report.error.as_ref(),
            after: migrated.map(|migrated| migrated.files[index].text.as_str()),
        })
        .collect();
    let sites = reports.iter().map(|report| report.sites).sum();
    Document {
        summary: Summary::of(&files, sites, migrated.map(Left::of)),
        files,
        ..Document::default()
    }
}

/// What `rewrite --unsafe` would make of the files, since what has no fix now may follow from what has.
fn rewritten(
    sources: &[Source],
    reports: &[Report],
    options: &Options,
    always: bool,
) -> Option<Migrated> {
    let concerned = reports.iter().filter(|report| !report.findings.is_empty());
    let few = (1..=REWRITTEN).contains(&concerned.count());
    let progress = Progress::new("rewriting", sources.len());
    let options = Options {
        looked_at: Some(progress.count.clone()),
        ..options.clone()
    };
    (few || always).then(|| migrate(sources.to_vec(), &options, Safety::Unsafe))
}

/// On a terminal, unless the environment says otherwise.
fn is_coloured() -> bool {
    anstream::AutoStream::choice(&stdout()) != anstream::ColorChoice::Never
}

fn host(name: &str) -> Result<&'static Host> {
    let Some(host) = hosts::host(name) else {
        let names: Vec<_> = hosts().iter().map(|host| host.name).collect();
        bail!(
            "there is no profile of a host `{name}`\nhelp: there are {}",
            names.join(", ")
        );
    };
    Ok(host)
}
