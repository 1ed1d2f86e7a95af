//! The rows `file-…`: a command that reads, writes and walks a directory, run by both hosts in turns.
//!
//! The guest takes the time. The directory is in memory where the system has such a file system: on a disk, pages that are still to
//! be written, of files that were made just before, make one run three times as slow as another.

use super::row::{Row, Spec};
use super::sides::{Sides, in_turns};
use super::{Bench, rows};
use crate::guest::Backend;
use crate::process;
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};
use std::process::Command;

const BYTES: usize = 256 << 20;
/// Small files: in how many folders, how many in each, and how large.
const FOLDERS: usize = 100;
const IN_EACH: usize = 100;
const SMALL: usize = 1 << 10;

/// A host and the component for it.
pub type Run = (PathBuf, PathBuf);

/// `polyfill-host run` of ours, `wasmtime run` of native.
pub fn commands(bench: &Bench, name: &str) -> Result<Sides<Run>> {
    Ok(Sides::pair(
        (bench.host(), bench.component(name, Backend::Isyswasfa)),
        (bench.wasmtime()?, bench.component(name, Backend::Native)),
    ))
}

/// The two numbers that a command prints: what it did, and in how many nanoseconds.
pub fn did(command: &mut Command) -> Result<(f64, f64)> {
    let said = process::output(command)?;
    let numbers: Vec<f64> = said
        .split_whitespace()
        .map_while(|word| word.parse().ok())
        .collect();
    match numbers[..] {
        [count, nanoseconds] => Ok((count, nanoseconds)),
        _ => bail!("expected a count and nanoseconds, found:\n{said}"),
    }
}

fn measure(
    bench: &Bench,
    specs: &[Spec],
    folder: &Folder,
    arguments: &[&str],
    bytes: usize,
    figure: fn(f64, f64) -> f64,
) -> Result<Vec<Row>> {
    let directory = format!("{}::/", folder.0.display());
    let measure = |(host, component): &Run| {
        let mut command = Command::new(host);
        command.args(["run", "--dir", &directory]);
        let (count, nanoseconds) = did(command.arg(component).args(arguments))?;
        if count as usize != bytes {
            bail!("expected {bytes} bytes, found {count}");
        }
        Ok([figure(count, nanoseconds)])
    };
    let sides = commands(bench, "bench-files")?;
    // The first turn finds the caches of the system cold.
    in_turns(1, &sides, measure)?;
    Ok(rows(specs, in_turns(bench.many_rounds(), &sides, measure)?))
}

pub fn read(bench: &Bench, specs: &[Spec]) -> Result<Vec<Row>> {
    let folder = Folder::new()?;
    write(&folder.0.join("data"), BYTES)?;
    // Bytes in a nanosecond are gigabytes in a second.
    measure(bench, specs, &folder, &["read"], BYTES, |bytes, time| {
        bytes / time
    })
}

pub fn written(bench: &Bench, specs: &[Spec]) -> Result<Vec<Row>> {
    let bytes = BYTES.to_string();
    let arguments = ["write", &bytes];
    measure(
        bench,
        specs,
        &Folder::new()?,
        &arguments,
        BYTES,
        |bytes, time| bytes / time,
    )
}

pub fn small(bench: &Bench, specs: &[Spec]) -> Result<Vec<Row>> {
    let folder = Folder::new()?;
    for number in 0..FOLDERS {
        let inner = folder.0.join(number.to_string());
        std::fs::create_dir(&inner)
            .with_context(|| format!("failed to make `{}`", inner.display()))?;
        for number in 0..IN_EACH {
            write(&inner.join(number.to_string()), SMALL)?;
        }
    }
    let bytes = FOLDERS * IN_EACH * SMALL;
    measure(bench, specs, &folder, &["walk"], bytes, |bytes, time| {
        bytes / SMALL as f64 * 1e9 / time
    })
}

fn write(path: &Path, bytes: usize) -> Result<()> {
    std::fs::write(path, vec![b'x'; bytes])
        .with_context(|| format!("failed to write `{}`", path.display()))
}

/// A folder in memory, if possible, which is removed when dropped.
struct Folder(PathBuf);

impl Folder {
    fn new() -> Result<Folder> {
        let memory = Path::new("/dev/shm");
        let parent = if memory.is_dir() {
            memory.to_owned()
        } else {
            std::env::temp_dir()
        };
        let path = parent.join(format!("isyswasfa-bench-{}", std::process::id()));
        std::fs::create_dir(&path)
            .with_context(|| format!("failed to make `{}`", path.display()))?;
        Ok(Folder(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            eprintln!("failed to remove `{}`: {error}", self.0.display());
        }
    }
}
