//! The command `rewrite`: makes the changes.

use super::diff::level;
use super::progress::Progress;
use super::{Selection, facade, plural, report_errors, report_unreadable};
use anyhow::{Result, bail};
use isyswasfa_migrate::edit::Safety;
use isyswasfa_migrate::finding::joined;
use isyswasfa_migrate::report::{self, Document, FileReport, Summary};
use isyswasfa_migrate::verify::{self, Packages, TakenBack, Verifiable};
use isyswasfa_migrate::walk::Found;
use isyswasfa_migrate::{Migrated, Options, Source, migrate, place, write};
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
    /// Check with cargo before and after, and take back, fix by fix, what does not compile: for each backend if the package has a choice, and for wasm if
    /// the toolchain can. With `--unsafe` it is done anyway
    #[arg(long, conflicts_with = "dry_run")]
    verify: bool,
    /// Don't check with cargo
    #[arg(long, conflicts_with = "verify")]
    no_verify: bool,
}

pub fn run(arguments: Arguments) -> Result<ExitCode> {
    if arguments.to.is_facade() {
        return run_facade(&arguments);
    }
    let mut options = arguments.selection.options()?;
    options.compat = arguments.to.facade();
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
    let level = level(arguments.r#unsafe);
    let progress = Progress::new("rewriting", found.sources.len());
    options.looked_at = Some(progress.count.clone());
    let migrated = migrate(found.sources.clone(), &options, level);
    drop(progress);
    let could_not = report_errors(
        &migrated.files,
        migrated.reports.iter().map(|report| &report.error),
    ) || !found.unreadable.is_empty();
    if filter {
        std::io::stdout().write_all(migrated.files[0].text.as_bytes())?;
        return Ok(status(could_not, left(&migrated)));
    }

    let paths = changed(&found.sources, &migrated);
    if !arguments.dry_run && !arguments.allow_dirty {
        write::refuse_dirty(&paths)?;
    }
    let wanted = arguments.verify || (arguments.r#unsafe && !arguments.no_verify);
    let (migrated, taken_back) = match arguments.dry_run {
        true => (migrated, Vec::new()),
        false if wanted => verified(
            &found.sources,
            migrated,
            &options,
            level,
            &paths,
            arguments.verify,
        )?,
        false => {
            write_all(&found.sources, &migrated)?;
            (migrated, Vec::new())
        }
    };
    if let Some(path) = &arguments.report {
        write::write(path, &report(&found, &migrated)?)?;
    }
    tell(&found.sources, &migrated, &taken_back, arguments.dry_run);
    let left = left(&migrated);
    Ok(status(could_not, left + taken_back.len()))
}

fn status(could_not: bool, left: usize) -> ExitCode {
    ExitCode::from(if could_not { 2 } else { u8::from(left > 0) })
}

fn left(migrated: &Migrated) -> usize {
    let left = migrated.reports.iter().map(|report| report.findings.len());
    left.sum()
}

fn changed(before: &[Source], migrated: &Migrated) -> Vec<PathBuf> {
    let pairs = before.iter().zip(&migrated.files);
    pairs
        .filter(|(before, after)| before.text != after.text)
        .map(|(file, _)| file.path.clone())
        .collect()
}

fn write_all(before: &[Source], migrated: &Migrated) -> Result<()> {
    for (before, after) in before.iter().zip(&migrated.files) {
        if before.text != after.text {
            write::replace(&after.path, &after.text)?;
        }
    }
    Ok(())
}

/// Writes what compiles. `asked`: it is an error, and not only said, if that can't be found out.
fn verified(
    before: &[Source],
    migrated: Migrated,
    options: &Options,
    level: Safety,
    paths: &[PathBuf],
    asked: bool,
) -> Result<(Migrated, Vec<TakenBack>)> {
    let unverified = |why: &str| -> Result<()> {
        if asked {
            bail!("it can't be verified: {why}\nhelp: leave out `--verify`");
        }
        anstream::eprintln!("not verified: {why}");
        Ok(())
    };
    if paths.is_empty() {
        return Ok((migrated, Vec::new()));
    }
    let packages = match Packages::before(paths.iter().map(PathBuf::as_path))? {
        Verifiable::Yes(packages) => packages,
        // WIT and manifests alone: there is nothing to compile, and nobody asked.
        Verifiable::No(_) if !asked && paths.iter().all(|path| is_wit(path)) => {
            write_all(before, &migrated)?;
            return Ok((migrated, Vec::new()));
        }
        Verifiable::No(why) => {
            unverified(&why)?;
            write_all(before, &migrated)?;
            return Ok((migrated, Vec::new()));
        }
    };
    let settled = verify::settle(before, migrated, options, level, &packages)?;
    if let Some(why) = &settled.unknown {
        anstream::eprintln!("not verified: {why}");
    }
    if !settled.taken_back.is_empty() {
        anstream::eprintln!("{}\n", verify::shown(&settled.errors));
    }
    Ok((settled.migrated, settled.taken_back))
}

fn is_wit(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "wit")
}

fn tell(before: &[Source], migrated: &Migrated, taken_back: &[TakenBack], dry_run: bool) {
    let mut count = 0;
    for (index, (before, after)) in before.iter().zip(&migrated.files).enumerate() {
        let path = after.path.display();
        if before.text != after.text {
            count += 1;
            match migrated.fixed[index] {
                _ if after.text.is_empty() => say!("{path}: removed"),
                1 => say!("{path}: 1 fix"),
                fixes => say!("{path}: {fixes} fixes"),
            }
        }
        let back: Vec<_> = taken_back
            .iter()
            .filter(|found| found.file == index)
            .collect();
        if !back.is_empty() && before.text == after.text {
            say!("{path}: taken back, since it would not compile");
            continue;
        }
        for found in back {
            let line = place::position(&before.text, found.made.origin.start).line;
            let (rule, message) = (found.made.rule, &found.made.message);
            say!("{path}:{line}: taken back, since it would not compile: {rule}: {message}");
        }
    }
    let would = if dry_run {
        "would be rewritten"
    } else {
        "rewritten"
    };
    say!("{} {would}", plural(count, "file"));
    if !taken_back.is_empty() {
        say!(
            "{} taken back: the compiler's errors are above",
            fixes(taken_back.len())
        );
    }
    let left = left(migrated);
    if left > 0 {
        let findings = || migrated.reports.iter().flat_map(|report| &report.findings);
        let risky = findings().filter(|finding| finding.fix.is_some()).count();
        let all = plural(left, "finding");
        let manual = left - risky;
        say!("{all} left: {risky} for `--unsafe`, {manual} to do by hand; `check` tells them");
    }
}

fn fixes(count: usize) -> String {
    format!("{count} fix{}", if count == 1 { "" } else { "es" })
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

/// What was done and what is left, as JSON.
fn report(found: &Found, migrated: &Migrated) -> Result<String> {
    let findings: Vec<_> = migrated
        .reports
        .iter()
        .map(|report| joined(report.findings.clone()))
        .collect();
    let files = migrated.files.iter().zip(&migrated.reports).zip(&findings);
    let files: Vec<_> = files
        .map(|((source, report), findings)| FileReport {
            source,
            findings,
            error: report.error.as_ref(),
            after: None,
        })
        .collect();
    let sites = migrated.reports.iter().map(|report| report.sites).sum();
    let pairs = found
        .sources
        .iter()
        .zip(&migrated.files)
        .zip(&migrated.fixed);
    let rewritten = pairs
        .filter(|((before, after), _)| before.text != after.text)
        .map(|((file, _), fixes)| report::Rewritten {
            path: file.path.display().to_string(),
            fixes: Some(*fixes),
        });
    let document = Document {
        summary: Summary::of(&files, sites, None),
        rewritten: rewritten.collect(),
        files,
        ..Document::default()
    };
    report::json_text(&document)
}
