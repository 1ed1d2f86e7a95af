//! The command line: its options, and the modules that run its commands.

/// Writes a line to the standard output. If nobody reads it any more, the program is done.
macro_rules! say {
    ($($argument:tt)*) => {
        $crate::cli::tell(format_args!($($argument)*))
    };
}

mod check;
mod component;
mod diff;
mod doctor;
mod facade;
mod known;
mod pager;
mod progress;
mod rewrite;
mod rule;
mod split;
mod wit_diff;

use anstyle::{AnsiColor, Style};
use anyhow::{Result, bail};
use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use isyswasfa_migrate::engine::FileError;
use isyswasfa_migrate::walk::{self, Found};
use isyswasfa_migrate::{Options, Source, Target, config, place, rules};
use std::env;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::process::{self, ExitCode};

pub const ERROR: Style = AnsiColor::Red.on_default().bold();

/// Takes a WASI 0.2 code base to WASI 0.3
///
/// Looks at WIT, Rust and manifests. `check` says what has to change, `diff` shows the changes that can be made for you,
/// `rewrite` makes them, `rule` explains.
#[derive(Parser)]
#[command(
    name = "isyswasfa-migrate",
    version,
    propagate_version = true,
    after_help = "\
Examples:
  isyswasfa-migrate check                 what is there to do in this folder?
  isyswasfa-migrate diff --unsafe wit     what would the tool do to the WIT?
  isyswasfa-migrate rewrite               make the changes that mean the same
  isyswasfa-migrate rule pollable-handle  why is that found, and what is written instead?

Exit status: 0 nothing found, 1 something found, 2 could not look."
)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Check(check::Arguments),
    Diff(diff::Arguments),
    Rewrite(rewrite::Arguments),
    #[command(visible_alias = "explain")]
    Rule(rule::Arguments),
    WitDiff(wit_diff::Arguments),
    Split(split::Arguments),
    Doctor(doctor::Arguments),
    /// Prints a completion script for a shell
    Completions {
        shell: clap_complete::Shell,
    },
}

pub fn run(arguments: Arguments) -> Result<ExitCode> {
    match arguments.command {
        Command::Check(arguments) => check::run(arguments),
        Command::Diff(arguments) => diff::run(arguments),
        Command::Rewrite(arguments) => rewrite::run(arguments),
        Command::Rule(arguments) => rule::run(arguments),
        Command::WitDiff(arguments) => wit_diff::run(arguments),
        Command::Split(arguments) => split::run(arguments),
        Command::Doctor(arguments) => doctor::run(arguments),
        Command::Completions { shell } => {
            clap_complete::generate(
                shell,
                &mut Arguments::command(),
                "isyswasfa-migrate",
                &mut std::io::stdout(),
            );
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// What to look at, and with which rules.
#[derive(Args)]
struct Selection {
    /// Files and folders; `-` is the standard input
    #[arg(default_value = ".")]
    paths: Vec<PathBuf>,
    /// Not the files and folders that match, as in `.gitignore`
    #[arg(long, value_name = "PATTERN", value_delimiter = ',')]
    exclude: Vec<String>,
    /// Only these rules
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    select: Vec<String>,
    /// Not these rules
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    ignore: Vec<String>,
    /// What to migrate to
    #[arg(long)]
    target: Option<TargetName>,
    /// The name that the standard input would have as a file
    #[arg(long, value_name = "NAME", default_value = "stdin.wit")]
    stdin_filename: PathBuf,
}

#[derive(Clone, Copy, ValueEnum)]
enum TargetName {
    /// WASI 0.3: `wasip3` and `wit-bindgen`
    #[value(name = "0.3")]
    Native,
    /// One source for hosts of 0.2 and 0.3: `compat-api` and `polyfill-guest`
    Compat,
}

impl Selection {
    fn collect(&self) -> Result<Found> {
        walk::collect(&self.paths, &self.stdin_filename, &self.exclude)
    }

    /// Files that mention nothing of WASI too: they may call what does.
    fn collect_whole(&self) -> Result<Found> {
        if self.paths.iter().any(|path| path == Path::new("-")) {
            bail!("`--to facade` rewrites packages, not the standard input");
        }
        walk::collect_whole(&self.paths, &self.exclude)
    }

    /// What is said here counts more than what the configuration says.
    fn options(&self) -> Result<Options> {
        let first = self.paths.first().map_or(Path::new("."), PathBuf::as_path);
        let first = env::current_dir()?.join(if first == Path::new("-") {
            Path::new(".")
        } else {
            first
        });
        let config = config::find(&first)?;
        let unknown = self
            .select
            .iter()
            .chain(&self.ignore)
            .find(|name| rules::rule(name).is_none());
        if let Some(name) = unknown {
            bail!("there is no rule `{name}`\nhelp: `isyswasfa-migrate rule` lists them");
        }
        let target = match (self.target, config.target.as_deref()) {
            (Some(TargetName::Native), _) | (None, None | Some("0.3")) => Target::Native,
            (Some(TargetName::Compat), _) | (None, Some("compat")) => Target::Compat,
            (None, Some(other)) => {
                bail!("the configuration says `target = \"{other}\"`; expected `0.3` or `compat`")
            }
        };
        let or = |said: &Vec<String>, configured| {
            if said.is_empty() {
                configured
            } else {
                said.clone()
            }
        };
        Ok(Options {
            target,
            select: or(&self.select, config.select),
            ignore: or(&self.ignore, config.ignore),
            ..Options::default()
        })
    }
}

fn tell(line: std::fmt::Arguments) {
    let written = writeln!(anstream::stdout(), "{line}");
    if written.is_err_and(|error| error.kind() == ErrorKind::BrokenPipe) {
        process::exit(0);
    }
}

/// Whether an error says that nobody reads the output any more, as after `| head`.
pub fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let causes = error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>());
    causes
        .into_iter()
        .any(|cause| cause.kind() == ErrorKind::BrokenPipe)
}

/// Says on standard error which files were left alone, and why. Were there any? The errors are in the order of the files.
fn report_errors<'a>(
    files: &[Source],
    errors: impl IntoIterator<Item = &'a Option<FileError>>,
) -> bool {
    let mut any = false;
    for (file, error) in files.iter().zip(errors) {
        let Some(error) = error else { continue };
        let at = place::position(&file.text, error.at);
        anstream::eprintln!(
            "{ERROR}error{ERROR:#}: {}:{}:{}: {}",
            file.path.display(),
            at.line,
            at.column,
            error.message
        );
        any = true;
    }
    any
}

/// Says on standard error what could not be read.
fn report_unreadable(found: &Found) {
    for (path, error) in &found.unreadable {
        anstream::eprintln!(
            "{ERROR}error{ERROR:#}: failed to read `{}`: {error}",
            path.display()
        );
    }
}

fn plural(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
