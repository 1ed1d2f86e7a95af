//! Measures calls and streams, of ours beside the native ABI: `isyswasfa-bench [--quick | --profile] ROW…`, which `cargo xtask bench` runs.
//!
//! It prints a line of JSON for each row: `row`, and under the name of each contender (`ours`, `native`, `built`) the nanoseconds
//! of one operation in each turn. Criterion measures one contender after the other; here they take turns, so that what else the
//! machine does hits them alike.

mod composition;
mod embedding;
mod program;
mod rows;
mod state;
mod turns;

use anyhow::{Result, bail};
use program::IS_PROFILED;
use std::process::ExitCode;
use std::sync::atomic::Ordering;
use tokio::runtime::Runtime;
use turns::Effort;

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let mut effort = Effort::Full;
    let mut names = vec![];
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--quick" => effort = Effort::Quick,
            "--profile" => IS_PROFILED.store(true, Ordering::Relaxed),
            _ => names.push(argument),
        }
    }
    if names.is_empty() {
        bail!("expected the names of rows\nhelp: `cargo xtask bench` runs this program");
    }
    let runtime = Runtime::new()?;
    for name in names {
        if IS_PROFILED.load(Ordering::Relaxed) {
            let mut contenders = rows::contenders(&runtime, &name)?;
            contenders.retain(|contender| contender.who == "ours");
            turns::take(Effort::Full, &mut contenders)?;
            continue;
        }
        let samples = turns::take(effort, &mut rows::contenders(&runtime, &name)?)?;
        let mut line = serde_json::Map::new();
        line.insert("row".into(), name.into());
        line.extend(
            samples
                .into_iter()
                .map(|(who, took)| (who.into(), took.into())),
        );
        println!("{}", serde_json::Value::Object(line));
    }
    Ok(())
}
