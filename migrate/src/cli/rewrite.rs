//! The command `rewrite`: makes the changes.

use super::diff::level;
use super::progress::Progress;
use super::{Selection, facade, plural, report_errors, report_unreadable};
use anyhow::{Result, bail};
use isyswasfa_migrate::report::{self, FileReport, Format};
use isyswasfa_migrate::verify::{self, Rewritten};
use isyswasfa_migrate::{Migrated, Source, migrate, write};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Makes the changes that mean the same; with `--unsafe`, those too that need a look
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  isyswasfa-migrate rewrite --to facade --dry-run
  isyswasfa-migrate rewrite --dry-run
  isyswasfa-migrate rewrite --unsafe wit
  isyswasfa-migrate rewrite - --stdin-filename app.wit < old.wit > new.wit")]
pub struct Arguments {
    #[command(flatten)]
    selection: Selection,
    #[command(flatten)]
    to: facade::Goal,
    /// Also make changes that may change behaviour or signatures
    #[arg(long)]
    r#unsafe: bool,
    /// Say what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Write to files too whose present state git could not give back
    #[arg(long)]
    allow_dirty: bool,
    /// Also write to a file, as JSON, how many fixes were made in each file, and what is left
    #[arg(long, value_name = "FILE")]
    report: Option<PathBuf>,
    /// Check with cargo before and after, with the features `isyswasfa` and `native` if there are such and for wasm if it can, and take back, file by file,
    /// what does not compile
    #[arg(long, conflicts_with = "dry_run")]
    verify: bool,
}

pub fn run(arguments: Arguments) -> Result<ExitCode> {
    if arguments.to.is_facade() {
        return run_facade(&arguments);
    }
    let options = arguments.selection.options()?;
    let found = arguments.selection.collect()?;
    let filter = arguments
        .selection
        .paths
        .iter()
        .any(|path| path.as_os_str() == "-");
    if filter && found.sources.len() > 1 {
        bail!("the standard input is rewritten alone\nhelp: leave out the other paths");
    }
    report_unreadable(&found);
    let progress = Progress::new(format!("rewriting {}", plural(found.sources.len(), "file")));
    let migrated = migrate(found.sources.clone(), &options, level(arguments.r#unsafe));
    drop(progress);
    let could_not = report_errors(
        &migrated.files,
        migrated.reports.iter().map(|report| &report.error),
    ) || !found.unreadable.is_empty();
    let left: usize = migrated
        .reports
        .iter()
        .map(|report| report.findings.len())
        .sum();
    let status = ExitCode::from(if could_not { 2 } else { u8::from(left > 0) });
    if filter {
        std::io::stdout().write_all(migrated.files[0].text.as_bytes())?;
        return Ok(status);
    }

    let changed = found
        .sources
        .iter()
        .zip(&migrated.files)
        .zip(&migrated.fixed);
    let changed: Vec<_> = changed
        .filter(|((before, after), _)| before.text != after.text)
        .map(|((_, after), fixed)| (after, *fixed))
        .collect();
    if let Some(path) = &arguments.report {
        let report = serde_json::to_string_pretty(&summary(&migrated, &changed)?)?;
        write::write(path, &(report + "\n"))?;
    }
    if !arguments.dry_run && !arguments.allow_dirty {
        write::refuse_dirty(
            &changed
                .iter()
                .map(|(file, _)| file.path.clone())
                .collect::<Vec<_>>(),
        )?;
    }
    if arguments.verify {
        verify::compiles(changed.iter().map(|(file, _)| file.path.as_path()))?;
    }
    for (file, fixed) in &changed {
        if !arguments.dry_run {
            write::replace(&file.path, &file.text)?;
        }
        let what = if file.text.is_empty() {
            "removed".to_owned()
        } else {
            plural(*fixed, "fix").replace("fixs", "fixes")
        };
        say!("{}: {what}", file.path.display());
    }
    if arguments.verify {
        let before = |path: &Path| {
            found
                .sources
                .iter()
                .find(|source| source.path == path)
                .map(|source| source.text.clone())
        };
        let rewritten = changed.iter().filter_map(|(file, _)| {
            Some(Rewritten {
                before: before(&file.path)?,
                path: file.path.clone(),
            })
        });
        let taken_back = verify::verify(&rewritten.collect::<Vec<_>>())?;
        for path in &taken_back {
            say!("{}: taken back, since it would not compile", path.display());
        }
        if !taken_back.is_empty() {
            say!("{} taken back", plural(taken_back.len(), "file"));
            return Ok(ExitCode::from(1));
        }
    }
    let would = if arguments.dry_run {
        "would be rewritten"
    } else {
        "rewritten"
    };
    say!("{} {would}", plural(changed.len(), "file"));
    if left > 0 {
        let reports = || migrated.reports.iter().flat_map(|report| &report.findings);
        let risky = reports().filter(|finding| finding.fix.is_some()).count();
        say!(
            "{} left: {risky} for `--unsafe`, {} to do by hand; `check` tells them",
            plural(left, "finding"),
            left - risky
        );
    }
    Ok(status)
}

fn run_facade(arguments: &Arguments) -> Result<ExitCode> {
    let found = facade::collect(&arguments.selection)?;
    let wanted = facade::Wanted {
        facade: arguments.to.facade(),
        dry_run: arguments.dry_run,
        allow_dirty: arguments.allow_dirty,
        verify: arguments.verify,
        report: arguments.report.clone(),
    };
    facade::run(&found, &wanted)
}

fn summary(migrated: &Migrated, changed: &[(&Source, usize)]) -> Result<serde_json::Value> {
    let files: Vec<_> = migrated
        .files
        .iter()
        .zip(&migrated.reports)
        .map(|(source, report)| FileReport {
            source,
            findings: &report.findings,
            error: report.error.as_ref(),
        })
        .collect();
    let mut left = Vec::new();
    report::print(Format::Json, &files, false, &mut left)?;
    let rewritten: Vec<_> = changed
        .iter()
        .map(|(file, fixes)| serde_json::json!({ "path": file.path, "fixes": fixes }))
        .collect();
    Ok(serde_json::json!({
        "files": migrated.files.len(),
        "rewritten": rewritten,
        "left": serde_json::from_slice::<serde_json::Value>(&left)?,
    }))
}
