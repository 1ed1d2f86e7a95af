//! `rewrite --to facade` and `diff --to facade`: the total step, for all packages under the paths at once.

use super::progress::Progress;
use super::{ERROR, Selection, pager, plural, report_errors, report_unreadable};
use anyhow::{Result, bail};
use clap::ValueEnum;
use isyswasfa_migrate::facade::{self, Facade, Moved};
use isyswasfa_migrate::patch::patch;
use isyswasfa_migrate::report::{self, Document, FacadeCounts, FileReport, Format, Look, Summary};
use isyswasfa_migrate::verify::{self, Packages, Problem, Verifiable};
use isyswasfa_migrate::walk::Found;
use isyswasfa_migrate::{Source, write};
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;

/// What the code is taken to.
#[derive(clap::Args)]
pub struct Goal {
    /// What to take the code to
    #[arg(long, value_enum, default_value_t, value_name = "STEP")]
    to: Step,
    /// Where the crate `compat-api` is, for `--to facade` and `--target compat`; without it, the published one is taken
    #[arg(long, value_name = "FOLDER")]
    compat_api: Option<PathBuf>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Step {
    /// 0.3's own API, as far as the rules are sure
    #[default]
    Idiomatic,
    /// The API of 0.2 on 0.3, with `async` for what blocked: all Rust code of the packages, whatever it does
    Facade,
}

impl Goal {
    pub fn is_facade(&self) -> bool {
        self.to == Step::Facade
    }

    pub fn facade(&self) -> Facade {
        let folder = self.compat_api.clone();
        folder.map_or_else(Facade::default, Facade::Path)
    }
}

/// All files, those that mention nothing of WASI too.
pub fn collect(selection: &Selection) -> Result<Found> {
    if !selection.select.is_empty() || !selection.ignore.is_empty() {
        bail!(
            "`--select` and `--ignore` are for rules; `--to facade` rewrites a package as a whole"
        );
    }
    let found = selection.collect_whole()?;
    report_unreadable(&found);
    if !found.unreadable.is_empty() {
        bail!("nothing is rewritten, since all of a package moves or nothing does");
    }
    Ok(found)
}

/// The total step as a patch. Findings go to standard error.
pub fn diff(found: &Found, facade: &Facade) -> Result<ExitCode> {
    let moved = facade::rewrite(&found.sources, facade);
    if report_errors(&moved.files, &moved.errors) {
        return Ok(ExitCode::from(2));
    }
    let pairs = found.sources.iter().zip(&moved.files);
    let text: String = pairs
        .map(|(before, after)| patch(before, &after.text))
        .collect();
    pager::show(&text)?;
    let document = document(found, &moved);
    report::print(
        Format::Full,
        &document,
        Look::default(),
        &mut anstream::stderr(),
    )?;
    Ok(ExitCode::from(u8::from(!text.is_empty())))
}

/// How the total step is made.
pub struct Wanted {
    pub facade: Facade,
    pub dry_run: bool,
    pub allow_dirty: bool,
    pub verify: bool,
    pub report: Option<PathBuf>,
}

pub fn run(found: &Found, wanted: &Wanted) -> Result<ExitCode> {
    let progress = Progress::new("rewriting", found.sources.len());
    let moved = facade::rewrite(&found.sources, &wanted.facade);
    drop(progress);
    if report_errors(&moved.files, &moved.errors) {
        anstream::eprintln!(
            "{ERROR}error{ERROR:#}: nothing is rewritten, since all of a package moves or nothing does\nhelp: correct these files, or leave them out with `--exclude`"
        );
        return Ok(ExitCode::from(2));
    }
    let pairs = found.sources.iter().zip(&moved.files);
    let changed: Vec<(&Source, &Source)> = pairs
        .filter(|(before, after)| before.text != after.text)
        .collect();
    let paths: Vec<PathBuf> = changed.iter().map(|(file, _)| file.path.clone()).collect();
    if !wanted.dry_run && !wanted.allow_dirty {
        write::refuse_dirty(&paths)?;
    }
    if let Some(path) = &wanted.report {
        write::write(path, &report::json_text(&document(found, &moved))?)?;
    }
    if !wanted.dry_run {
        made(&changed, wanted.verify)?;
    }
    let out = told(found, &moved, changed.len(), wanted.dry_run)?;
    anstream::stdout().write_all(&out)?;
    let left = moved.findings.iter().any(|found| !found.is_empty());
    Ok(ExitCode::from(u8::from(left)))
}

/// Writes the files. With `verify`, all of them get their old text back if the packages don't compile.
fn made(changed: &[(&Source, &Source)], verify: bool) -> Result<()> {
    let packages = match verify {
        true => match Packages::before(changed.iter().map(|(file, _)| file.path.as_path()))? {
            Verifiable::Yes(packages) => Some(packages),
            Verifiable::No(why) => bail!("it can't be verified: {why}\nhelp: leave out `--verify`"),
        },
        false => None,
    };
    for (_, after) in changed {
        write::replace(&after.path, &after.text)?;
    }
    let problem = match packages.map(|packages| packages.problem()).transpose()? {
        None | Some(Problem::None) => return Ok(()),
        Some(Problem::Errors(errors)) => verify::shown(&errors),
        Some(Problem::Unknown(why)) => why,
    };
    for (before, _) in changed {
        write::replace(&before.path, &before.text)?;
    }
    bail!(
        "it would not compile, so that everything is as it was before:\n{problem}\nhelp: without `--verify` the rewritten files stay, for you to correct"
    );
}

fn document<'a>(found: &'a Found, moved: &'a Moved) -> Document<'a> {
    let pairs = found.sources.iter().zip(&moved.files);
    let rewritten = pairs
        .clone()
        .filter(|(before, after)| before.text != after.text)
        .map(|(file, _)| report::Rewritten {
            path: file.path.display().to_string(),
            fixes: None,
        });
    let files: Vec<_> = pairs
        .zip(&moved.findings)
        .map(|((source, after), findings)| FileReport {
            source,
            findings,
            error: None,
            after: Some(&after.text),
        })
        .collect();
    let counts = moved.counts;
    Document {
        summary: Summary::of(&files, 0, None),
        rewritten: rewritten.collect(),
        facade: Some(FacadeCounts {
            paths: counts.paths,
            awaited: counts.awaited,
            blocking: counts.blocking,
            functions: counts.functions,
        }),
        files,
        ..Document::default()
    }
}

fn told(found: &Found, moved: &Moved, changed: usize, dry_run: bool) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    report::print(
        Format::Full,
        &document(found, moved),
        Look::default(),
        &mut out,
    )?;
    let counts = moved.counts;
    let would = if dry_run {
        "would be rewritten"
    } else {
        "rewritten"
    };
    if changed == 0 {
        let why = match moved.findings.iter().all(Vec::is_empty) {
            true => "no path leads to bindings of WASI 0.2",
            false => "all of it moves or nothing does: see above",
        };
        writeln!(out, "0 files {would}: {why}")?;
        return Ok(out);
    }
    writeln!(
        out,
        "{}, {}, {}",
        plural(counts.paths, "path"),
        plural(counts.awaited, "call awaited")
            .replace("awaiteds", "awaited")
            .replace(
                "call ",
                if counts.awaited == 1 {
                    "call "
                } else {
                    "calls "
                }
            ),
        plural(counts.functions, "function") + " async"
    )?;
    if counts.blocking > 0 {
        writeln!(
            out,
            "{} with `block_on`: see above",
            plural(counts.blocking, "call")
        )?;
    }
    writeln!(out, "{} {would}", plural(changed, "file"))?;
    Ok(out)
}
