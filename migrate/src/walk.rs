//! The collection of the files to look at. Files that `.gitignore` excludes are left out. Files that are named are read in any case.

use crate::source::{Kind, Source};
use crate::{rust, script};
use anyhow::{Context, Result, bail};
use ignore::overrides::OverrideBuilder;
use ignore::{WalkBuilder, WalkState};
use rayon::prelude::*;
use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::mpsc;

/// The files under the paths, in the order of their names, and those that could not be read, with the reason.
#[derive(Default)]
pub struct Found {
    pub sources: Vec<Source>,
    pub components: Vec<PathBuf>,
    pub unreadable: Vec<(PathBuf, String)>,
}

/// `-` is the standard input, which is read as a file of the name `stdin`.
pub fn collect(paths: &[PathBuf], stdin: &Path, exclude: &[String]) -> Result<Found> {
    collected(paths, stdin, exclude, kept)
}

/// What is rewritten as a whole: with the text of Rust files that mention nothing of WASI, and without files of other languages.
pub fn collect_whole(paths: &[PathBuf], exclude: &[String]) -> Result<Found> {
    let mut found = collected(paths, Path::new("stdin"), exclude, |_, text| text)?;
    let is_rewritten = |source: &Source| !matches!(source.kind, Kind::Script(_));
    found.sources.retain(is_rewritten);
    Ok(found)
}

fn collected(
    paths: &[PathBuf],
    stdin: &Path,
    exclude: &[String],
    kept: fn(&Path, String) -> String,
) -> Result<Found> {
    let mut found = Found::default();
    let mut files = Vec::new();
    for path in paths {
        if path == Path::new("-") {
            let mut text = String::new();
            std::io::stdin()
                .read_to_string(&mut text)
                .context("failed to read the standard input")?;
            match Source::new(stdin, text) {
                Some(source) => found.sources.push(source),
                None => bail!(
                    "no rule looks at files like `{}`\nhelp: say with `--stdin-filename` what it is",
                    stdin.display()
                ),
            }
        } else if path.is_dir() {
            files.extend(walk(path, exclude, &mut found.unreadable)?);
        } else if is_component(path) {
            found.components.push(path.clone());
        } else if Kind::of(path).is_some() {
            files.push(path.clone());
        } else if !path.exists() {
            bail!("there is no file or folder `{}`", path.display());
        } else {
            bail!(
                "no rule looks at `{}`\nhelp: name folders, `.wit`, `.rs` and `.wasm` files, or manifests",
                path.display()
            );
        }
    }
    files.sort();
    files.dedup();
    let read: Vec<_> = files
        .into_par_iter()
        .map(|path| match read(&path) {
            Ok(text) => Ok(Source::new(&path, kept(&path, text))),
            Err(error) => Err((path, error.to_string())),
        })
        .collect();
    for result in read {
        match result {
            Ok(source) => found.sources.extend(source),
            Err(error) => found.unreadable.push(error),
        }
    }
    Ok(found)
}

/// The text of a file. Of scripts many are in old encodings, and films are called `.ts`: what mentions nothing of WASI need not be readable.
fn read(path: &Path) -> io::Result<String> {
    match Kind::of(path) {
        Some(Kind::Script(language)) => {
            let bytes = fs::read(path)?;
            String::from_utf8(bytes).or_else(|error| {
                let text = String::from_utf8_lossy(error.as_bytes());
                match script::is_concerned(language, &text) {
                    true => Err(io::Error::new(
                        io::ErrorKind::InvalidData,
                        error.utf8_error(),
                    )),
                    false => Ok(String::new()),
                }
            })
        }
        _ => fs::read_to_string(path),
    }
}

/// The text, if a rule could find anything in it: most Rust files of a large tree have nothing to do with WASI.
fn kept(path: &Path, text: String) -> String {
    match Kind::of(path) {
        Some(Kind::Rust) if !rust::is_concerned(&text) => String::new(),
        Some(Kind::Script(language)) if !script::is_concerned(language, &text) => String::new(),
        _ => text,
    }
}

fn is_component(path: &Path) -> bool {
    path.extension()
        .is_some_and(|extension| extension == "wasm")
}

/// The files of a folder that a rule looks at. Components are only read when they are named: there are too many in build folders.
fn walk(
    folder: &Path,
    exclude: &[String],
    unreadable: &mut Vec<(PathBuf, String)>,
) -> Result<Vec<PathBuf>> {
    let (sender, receiver) = mpsc::channel();
    let mut builder = WalkBuilder::new(folder);
    let mut overrides = OverrideBuilder::new(folder);
    for pattern in exclude {
        overrides
            .add(&format!("!{pattern}"))
            .with_context(|| format!("`--exclude {pattern}` is not a pattern"))?;
    }
    builder.overrides(overrides.build()?);
    // A folder without git has its `.gitignore` too, if it was unpacked from an archive.
    builder.require_git(false);
    builder.build_parallel().run(|| {
        let sender = sender.clone();
        Box::new(move |entry| {
            let message = match entry {
                Ok(entry)
                    if entry.file_type().is_some_and(|kind| kind.is_file())
                        && Kind::of(entry.path()).is_some() =>
                {
                    Ok(entry.into_path())
                }
                Ok(_) => return WalkState::Continue,
                Err(error) => Err(error.to_string()),
            };
            // The receiver outlives the walk.
            let _ = sender.send(message);
            WalkState::Continue
        })
    });
    drop(sender);
    let mut files = Vec::new();
    for message in receiver {
        match message {
            Ok(path) => files.push(
                path.strip_prefix("./")
                    .map(Path::to_path_buf)
                    .unwrap_or(path),
            ),
            Err(error) => unreadable.push((folder.to_path_buf(), error)),
        }
    }
    Ok(files)
}
