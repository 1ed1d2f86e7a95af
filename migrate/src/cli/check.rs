//! The command `check`: what has to change.

use super::component::Component;
use super::progress::Progress;
use super::{Selection, plural, report_unreadable};
use anyhow::{Context, Result, bail};
use isyswasfa_migrate::baseline::Baseline;
use isyswasfa_migrate::edit::Safety;
use isyswasfa_migrate::hosts::{self, Host, hosts};
use isyswasfa_migrate::report::{self, FileReport, Format};
use isyswasfa_migrate::{Kind, Options, Report, Source, allow, check, migrate, write};
use std::fs;
use std::io::{Write, stdout};
use std::path::PathBuf;
use std::process::ExitCode;

/// Says what has to change, and changes nothing
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  isyswasfa-migrate check wit src
  isyswasfa-migrate check app.wasm --target-host spin-4.0
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

pub fn run(arguments: Arguments) -> Result<ExitCode> {
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
    let progress = Progress::new(format!("checking {}", plural(sources.len(), "file")));
    let mut reports = check(sources, &options);
    drop(progress);
    let could_not =
        !found.unreadable.is_empty() || reports.iter().any(|report| report.error.is_some());

    if let Some(path) = &arguments.baseline {
        let text = fs::read_to_string(path).with_context(|| {
            format!(
                "failed to read `{}`\nhelp: `--write-baseline` makes it",
                path.display()
            )
        })?;
        let mut baseline: Baseline = serde_json::from_str(&text)
            .with_context(|| format!("failed to parse `{}`", path.display()))?;
        for (source, report) in sources.iter().zip(&mut reports) {
            baseline.filter(source, &mut report.findings);
        }
    }
    let total: usize = reports.iter().map(|report| report.findings.len()).sum();
    if let Some(path) = &arguments.write_baseline {
        let mut baseline = Baseline::default();
        sources
            .iter()
            .zip(&reports)
            .for_each(|(source, report)| baseline.add(source, &report.findings));
        write::write(path, &(serde_json::to_string_pretty(&baseline)? + "\n"))?;
        eprintln!("wrote {} to `{}`", plural(total, "finding"), path.display());
        return Ok(if could_not {
            ExitCode::from(2)
        } else {
            ExitCode::SUCCESS
        });
    }
    if let Some(reason) = &arguments.add_allow {
        for (source, report) in sources
            .iter()
            .zip(&reports)
            .filter(|(_, report)| !report.findings.is_empty())
        {
            let comment = if matches!(source.kind, Kind::Wit | Kind::Rust) {
                "//"
            } else {
                "#"
            };
            write::replace(
                &source.path,
                &allow::add(&source.text, &report.findings, comment, reason),
            )?;
        }
        eprintln!("allowed {}", plural(total, "finding"));
        return Ok(if could_not {
            ExitCode::from(2)
        } else {
            ExitCode::SUCCESS
        });
    }

    let files = sources
        .iter()
        .zip(&reports)
        .map(|(source, report)| FileReport {
            source,
            findings: &report.findings,
            error: report.error.as_ref(),
        });
    let files: Vec<_> = files.collect();
    let in_components: usize = components
        .iter()
        .map(|component| component.findings(options.host).len())
        .sum();
    if !components.is_empty() {
        match arguments.output_format {
            // One document, together with what is found in sources.
            Format::Json => {
                let mut all: Vec<_> = components
                    .iter()
                    .map(|component| component.json(options.host))
                    .collect();
                let mut found = Vec::new();
                report::print(Format::Json, &files, false, &mut found)?;
                all.extend(serde_json::from_slice::<Vec<_>>(&found)?);
                say!("{}", serde_json::to_string_pretty(&all)?);
                return Ok(status(could_not, total + in_components));
            }
            _ => components
                .iter()
                .for_each(|component| component.print(options.host)),
        }
        if sources.is_empty() {
            return Ok(status(could_not, in_components));
        }
    }
    let mut out = Vec::new();
    match arguments.statistics {
        true => report::statistics(&files, &mut out)?,
        false => report::print(arguments.output_format, &files, is_coloured(), &mut out)?,
    }
    let mut stdout = stdout().lock();
    stdout.write_all(&out)?;
    stdout.flush()?;
    drop(stdout);
    if arguments.output_format == Format::Full && !arguments.statistics {
        let count = |kind: &str| {
            reports
                .iter()
                .flat_map(|report| &report.findings)
                .filter(|finding| finding.safety() == kind)
                .count()
        };
        let all = format!(
            "{} in {}",
            plural(total, "finding"),
            plural(sources.len(), "file")
        );
        let fixes = count("safe") + count("unsafe");
        match total {
            0 => say!("{all}"),
            _ if fixes == 0 => say!("{all}, to do by hand"),
            _ => {
                say!(
                    "{all}: {} safe to fix, {} unsafe, {} not",
                    count("safe"),
                    count("unsafe"),
                    count("manual")
                );
                if let Some(left) = left(sources, &reports, &options) {
                    say!("`rewrite --unsafe` would leave {left} to do by hand");
                }
            }
        }
    }
    Ok(status(could_not, total + in_components))
}

fn status(could_not: bool, found: usize) -> ExitCode {
    ExitCode::from(if could_not { 2 } else { u8::from(found > 0) })
}

/// How many findings a rewriting would leave, since what can't be fixed now may follow from what can. Not told of many files: that takes many
/// times as long as to look at them.
fn left(sources: &[Source], reports: &[Report], options: &Options) -> Option<usize> {
    let concerned = reports.iter().filter(|report| !report.findings.is_empty());
    if concerned.count() > 200 {
        return None;
    }
    let after = migrate(sources.to_vec(), options, Safety::Unsafe);
    let left = after.reports.iter().map(|report| report.findings.len());
    Some(left.sum())
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
