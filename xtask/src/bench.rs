//! `cargo xtask bench`: measures our ABI beside the native one in one run, as ratios.
//!
//! (1) Find the rows that are asked for, and build what they need, all of it before anything is measured.
//! (2) Measure them. Both sides take turns; each row is the median of all turns, with its spread.
//! (3) Print them; a run of all rows is kept in `benches/RESULTS.md`, with plots.

mod against;
mod bridged;
mod components;
mod files;
mod http;
mod list;
mod load;
mod lowered;
mod machine;
mod migrate;
mod needs;
mod plot;
mod profile;
mod report;
mod row;
mod scale;
mod server;
mod sides;
mod sockets;
mod table;
mod translated;
mod upstream;

use crate::guest::Backend;
use crate::project::{self, Project};
use crate::tools;
use anyhow::{Context, Result, bail};
use list::{GROUPS, Group};
use needs::Need;
use report::Missing;
use row::{Row, Spec};
use sides::Samples;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(clap::Args)]
pub struct Arguments {
    /// The rows to measure; not said: all, and the result is kept in `benches/RESULTS.md`
    #[arg(value_name = "ROW")]
    rows: Vec<String>,

    /// Measure roughly, and do not keep the result
    #[arg(long)]
    quick: bool,

    /// Compare with an earlier result: lines of JSON, or a `RESULTS.md`. What changed by more than the noise is marked
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,

    /// Keep what is measured of these rows in `benches/RESULTS.md`, in place of what is there of them
    #[arg(long, requires = "rows", conflicts_with = "quick")]
    keep: bool,

    /// Print one JSON object for each row: `row`, `unit`, `ours`, `native`, `ratio` (ours / native), `spread` (its noise in
    /// percent), `wanted`, `reached`; where `built` is given, `ratio` is ours / built
    #[arg(long)]
    json: bool,

    /// The wasmtime to compare with, instead of one of the version that the host is built on, which is built if need be
    #[arg(long, value_name = "FILE")]
    wasmtime: Option<PathBuf>,

    /// Build what the rows need, and measure nothing
    #[arg(long)]
    no_run: bool,

    /// Make a flame graph of ours in this row, with `perf`
    #[arg(long, value_name = "ROW", conflicts_with_all = ["rows", "quick", "against", "json", "no_run"])]
    profile: Option<String>,

    /// Measure only `isyswasfa-migrate check` of a large tree beside ripgrep, for `migrate/benches/RESULTS.md`
    #[arg(long, conflicts_with_all = ["rows", "quick", "against", "json", "no_run", "profile"])]
    migrate: bool,
}

/// What measuring needs to know.
pub struct Bench<'a> {
    project: &'a Project,
    is_quick: bool,
    /// The rows to measure; none: all.
    wanted: Vec<String>,
    /// The wasmtime to compare with, if it was named.
    wasmtime: Option<PathBuf>,
    /// For files that are made on the way.
    folder: PathBuf,
}

pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let project = Project::locate()?;
    if arguments.migrate {
        migrate::keep(&project)?;
        return Ok(ExitCode::SUCCESS);
    }
    // (1)
    let profiled = arguments.profile.as_slice();
    let mut bench = Bench::new(&project, arguments)?;
    bench.wanted.extend_from_slice(profiled);
    let before = arguments.against.as_deref().map(table::read).transpose()?;
    let groups: Vec<_> = GROUPS.iter().filter(|group| bench.wants(group)).collect();
    let mut needed = vec![];
    for need in groups.iter().flat_map(|group| group.needs) {
        let is_there = *need == Need::Wasmtime && arguments.wasmtime.is_some();
        if !needed.contains(need) && !is_there {
            needed.push(*need);
        }
    }
    let unmet = needs::meet(&project, &needed)?;
    if let [row] = profiled {
        if let Some((_, error)) = unmet.into_iter().next() {
            return Err(error);
        }
        profile::run(&bench, row)?;
        return Ok(ExitCode::SUCCESS);
    }

    // (2)
    let (mut rows, mut missing) = (vec![], vec![]);
    for group in groups {
        let why = unmet.iter().find(|(need, _)| group.needs.contains(need));
        let measured = match why {
            Some((_, error)) => Err(format!("{error:#}")),
            None if arguments.no_run => continue,
            None => {
                let named: Vec<_> = group.rows.iter().map(|row| row.name).collect();
                eprintln!("measuring {}", named.join(", "));
                (group.measure)(&bench, group.rows).map_err(|error| format!("{error:#}"))
            }
        };
        match measured {
            Ok(measured) => {
                for row in measured.into_iter().filter(|row| bench.names(&row.row)) {
                    // At once: a run that is stopped has told what it measured.
                    if arguments.json {
                        println!("{}", serde_json::to_string(&row)?);
                    }
                    rows.push(row);
                }
            }
            Err(why) => {
                eprintln!("error: {why}");
                let left_out = group.rows.iter().filter(|row| bench.names(row.name));
                missing.extend(left_out.map(|row| Missing {
                    row: row.name,
                    why: why.clone(),
                }));
            }
        }
    }

    // (3)
    if !arguments.json {
        print!("{}", table::of(&rows));
    }
    if let Some(before) = before {
        println!("\n{}", against::table(&rows, &before));
    }
    let is_whole = bench.wanted.is_empty() && !bench.is_quick;
    if (is_whole || arguments.keep) && !arguments.no_run {
        let kept = report::keep(&bench, rows, &missing)?;
        eprintln!("kept in {}", kept.display());
    }
    if missing.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    let names: Vec<_> = missing.iter().map(|missing| missing.row).collect();
    eprintln!("error: not measured: {}", names.join(", "));
    Ok(ExitCode::FAILURE)
}

/// A row for each quantity that was measured.
fn rows<const N: usize>(specs: &[Spec], measured: [Samples; N]) -> Vec<Row> {
    let each = specs.iter().zip(&measured);
    each.map(|(spec, samples)| Row::new(spec, samples))
        .collect()
}

impl<'a> Bench<'a> {
    fn new(project: &'a Project, arguments: &Arguments) -> Result<Self> {
        for row in &arguments.rows {
            if list::names().all(|name| name != row) {
                let names = list::names().collect::<Vec<_>>().join("`, `");
                bail!("no row `{row}`\nhelp: there are `{names}`");
            }
        }
        if let Some(row) = &arguments.profile {
            profile::check(row)?;
        }
        let folder = project.target.join("bench");
        std::fs::create_dir_all(&folder)
            .with_context(|| format!("failed to make `{}`", folder.display()))?;
        Ok(Self {
            project,
            is_quick: arguments.quick,
            wanted: arguments.rows.clone(),
            wasmtime: arguments.wasmtime.clone(),
            folder,
        })
    }

    fn names(&self, row: &str) -> bool {
        self.wanted.is_empty() || self.wanted.iter().any(|wanted| wanted == row)
    }

    fn wants(&self, group: &Group) -> bool {
        group.rows.iter().any(|row| self.names(row.name))
    }

    /// How often sides take turns in a row whose turns take seconds.
    fn rounds(&self) -> usize {
        if self.is_quick { 3 } else { 5 }
    }

    /// The same where each turn takes many seconds.
    fn few_rounds(&self) -> usize {
        if self.is_quick { 1 } else { 3 }
    }

    /// The same where each turn takes less than a second.
    fn many_rounds(&self) -> usize {
        if self.is_quick { 3 } else { 11 }
    }

    /// How long a server is under load in each turn.
    fn seconds(&self) -> u32 {
        if self.is_quick { 1 } else { 2 }
    }

    /// A program of ours, in release.
    fn program(&self, name: &str) -> PathBuf {
        self.project.target.join("release").join(name)
    }

    fn host(&self) -> PathBuf {
        self.program("polyfill-host")
    }

    fn wasmtime(&self) -> Result<PathBuf> {
        if let Some(path) = &self.wasmtime {
            return Ok(path.clone());
        }
        tools::WASMTIME.find_or_build(self.project)
    }

    /// A guest as it was built.
    fn component(&self, name: &str, backend: Backend) -> PathBuf {
        project::components(&self.project.target, backend).join(format!("{name}.wasm"))
    }

    /// Writes a file that is needed on the way.
    fn file(&self, name: &str, text: &str) -> Result<PathBuf> {
        let path = self.folder.join(name);
        std::fs::write(&path, text)
            .with_context(|| format!("failed to write `{}`", path.display()))?;
        Ok(path)
    }
}
