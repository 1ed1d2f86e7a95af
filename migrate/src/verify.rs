//! The verification of a rewrite: builds what was rewritten, and takes back, fix by fix, what does not compile.

mod cargo;
mod settle;
mod ways;

use anyhow::{Context, Result, bail};
pub use cargo::CompileError;
use cargo::{Built, check};
pub use settle::{Settled, TakenBack, settle};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The packages around files, and how they can be built.
pub struct Packages {
    folders: BTreeSet<PathBuf>,
    /// Ways to build them that did not compile before.
    broken: Vec<(PathBuf, Vec<String>)>,
}

/// Whether what is rewritten can be verified.
pub enum Verifiable {
    Yes(Packages),
    /// The reason, in words.
    No(String),
}

impl Packages {
    /// The packages around these files, which have to compile as they are, or nothing could be said of what is rewritten.
    ///
    /// # Errors
    /// If one of them doesn't compile in any way.
    pub fn before<'a>(files: impl Iterator<Item = &'a Path>) -> Result<Verifiable> {
        let folders = packages(files)?;
        if folders.is_empty() {
            return Ok(Verifiable::No("it is in no package of cargo".to_owned()));
        }
        let mut broken = Vec::new();
        for folder in &folders {
            let mut errors = Vec::new();
            let ways = ways::of(folder)?;
            let all = ways.len();
            for way in ways {
                match check(folder, &way)? {
                    Built::Fine | Built::IdleFutures(_) => {}
                    Built::Broken(found) => {
                        errors.extend(found);
                        broken.push((folder.clone(), way));
                    }
                    Built::Unknown(why) => return Ok(Verifiable::No(why)),
                }
            }
            if broken.iter().filter(|(of, _)| of == folder).count() == all {
                bail!(
                    "`{}` doesn't compile as it is, so that nothing could be said of it rewritten:\n{}\nhelp: fix that first, or go on with `--no-verify`",
                    folder.display(),
                    shown(&errors)
                );
            }
        }
        Ok(Verifiable::Yes(Self { folders, broken }))
    }

    /// What the compiler says against them, in the first way to build one that it has something against.
    ///
    /// # Errors
    /// If cargo can't be run.
    pub fn problem(&self) -> Result<Problem> {
        for folder in &self.folders {
            // A package that is rewritten may have a choice of backends that it didn't have before.
            for way in ways::of(folder)? {
                let was_broken =
                    |(of, other): &(PathBuf, Vec<String>)| of == folder && *other == way;
                if self.broken.iter().any(was_broken) {
                    continue;
                }
                match check(folder, &way)? {
                    Built::Fine => {}
                    Built::Broken(errors) | Built::IdleFutures(errors) => {
                        return Ok(Problem::Errors(errors));
                    }
                    Built::Unknown(why) => return Ok(Problem::Unknown(why)),
                }
            }
        }
        Ok(Problem::None)
    }
}

/// What became of a build.
pub enum Problem {
    None,
    Errors(Vec<CompileError>),
    /// Why it could not be built, which says nothing of the code.
    Unknown(String),
}

/// The most errors that are shown.
const SHOWN: usize = 5;

/// The compiler's errors, as it prints them.
pub fn shown(errors: &[CompileError]) -> String {
    let mut texts = Vec::new();
    for error in errors {
        // The same code is built in several ways.
        if !texts.contains(&error.text.trim_end()) {
            texts.push(error.text.trim_end());
        }
    }
    let more = texts.len().saturating_sub(SHOWN);
    texts.truncate(SHOWN);
    let mut text = texts.join("\n\n");
    if more > 0 {
        text += &format!("\n\nand {more} more");
    }
    text
}

/// The folders of the nearest `Cargo.toml`s.
fn packages<'a>(files: impl Iterator<Item = &'a Path>) -> Result<BTreeSet<PathBuf>> {
    let mut packages = BTreeSet::new();
    for file in files {
        let absolute = std::path::absolute(file)
            .with_context(|| format!("failed to look for the package of `{}`", file.display()))?;
        packages.extend(
            absolute
                .ancestors()
                .skip(1)
                .find(|folder| folder.join("Cargo.toml").is_file())
                .map(Path::to_path_buf),
        );
    }
    Ok(packages)
}

fn same(a: &Path, b: &Path) -> bool {
    std::path::absolute(a).ok() == std::path::absolute(b).ok()
}
