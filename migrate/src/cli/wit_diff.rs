//! The command `wit-diff`: what changed between two packages.

use anyhow::{Context, Result};
use isyswasfa_migrate::compare::{Difference, Kind, compare};
use isyswasfa_migrate::items::Item;
use isyswasfa_migrate::load::{load, load_at};
use serde_json::json;
use std::path::PathBuf;
use std::process::ExitCode;

/// Compares two WIT packages by meaning: folders, files or components
#[derive(clap::Args)]
#[command(after_help = "\
Examples:
  isyswasfa-migrate wit-diff old/wit new/wit
  isyswasfa-migrate wit-diff --baseline-rev main wit
  isyswasfa-migrate wit-diff deployed.wasm wit

Exit status: 0 nothing breaks, 1 something does, 2 could not look.")]
pub struct Arguments {
    #[arg(required = true, num_args = 1..=2, value_name = "OLD NEW")]
    paths: Vec<PathBuf>,
    /// Compare with the path as it was at this git revision
    #[arg(long, value_name = "REV")]
    baseline_rev: Option<String>,
    /// As JSON
    #[arg(long)]
    json: bool,
}

pub fn run(arguments: Arguments) -> Result<ExitCode> {
    let (before, after) = match (&arguments.paths[..], &arguments.baseline_rev) {
        ([path], Some(revision)) => (load_at(path, revision)?, load(path)?),
        ([old, new], None) => (load(old)?, load(new)?),
        ([_], None) => {
            return Err(anyhow::anyhow!("compare with what?"))
                .context("name two packages, or use `--baseline-rev`");
        }
        _ => anyhow::bail!("`--baseline-rev` takes the place of the first path"),
    };
    let differences = compare(&before, &after);
    if arguments.json {
        let all: Vec<_> = differences.iter().map(json).collect();
        say!("{}", serde_json::to_string_pretty(&all)?);
    } else {
        differences.iter().for_each(print);
        let breaking = differences.iter().filter(|found| found.breaks).count();
        say!(
            "{}: {breaking} breaking",
            super::plural(differences.len(), "change")
        );
    }
    Ok(ExitCode::from(u8::from(
        differences.iter().any(|found| found.breaks),
    )))
}

fn json(found: &Difference) -> serde_json::Value {
    let item = |item: &Option<Item>| {
        item.as_ref()
            .map(|item| json!({ "kind": item.kind, "signature": item.signature }))
    };
    json!({
        "name": found.name,
        "change": word(found.change),
        "before": item(&found.before),
        "after": item(&found.after),
        "breaking": found.breaks,
        "implementer": found.implementer,
        "caller": found.caller,
    })
}

fn word(change: Kind) -> &'static str {
    match change {
        Kind::Added => "added",
        Kind::Removed => "removed",
        Kind::Changed => "changed",
    }
}

fn print(found: &Difference) {
    let breaking = if found.breaks { " (breaking)" } else { "" };
    say!("{} {}{breaking}", word(found.change), found.name);
    for (sign, item) in [("-", &found.before), ("+", &found.after)] {
        if let Some(item) = item {
            say!("  {sign} {} {}", item.kind, item.signature);
        }
    }
    say!(
        "  who implements it: {}; who calls it: {}",
        found.implementer,
        found.caller
    );
}
