//! The search for the fixes that keep a package from compiling, so that only they are taken back.
//!
//! (1) Of the errors that point to what fixes wrote, those fixes are taken back; else all fixes of the files with errors; else all fixes of the
//! packages. That goes on until it compiles. (2) Of what was taken back, halves are made again, as long as it still compiles.

use super::{CompileError, Packages, Problem, same};
use crate::edit::Safety;
use crate::engine::{Made, Migrated, Options, Vetoes, migrate_without};
use crate::place::position;
use crate::source::Source;
use crate::write;
use anyhow::{Result, bail};
use std::ops::RangeInclusive;

/// How often it is built to make again what was taken back.
const TRIES: usize = 24;

/// What is left of a rewriting once it compiles.
pub struct Settled {
    pub migrated: Migrated,
    pub taken_back: Vec<TakenBack>,
    /// The errors that were the reason.
    pub errors: Vec<CompileError>,
    /// Why it is not verified.
    pub unknown: Option<String>,
}

/// A fix that was taken back.
#[derive(Clone)]
pub struct TakenBack {
    /// The file, by its place among the sources.
    pub file: usize,
    pub made: Made,
}

struct Search<'a> {
    before: &'a [Source],
    options: &'a Options,
    level: Safety,
    packages: &'a Packages,
    vetoes: Vetoes,
    migrated: Migrated,
    /// The texts as they are on the disk.
    written: Vec<String>,
}

/// Writes the files, builds the packages, and takes back the fixes that don't compile.
///
/// # Errors
/// If something can't be written, if cargo can't be run, or if the package doesn't compile though all of it is as it was before.
pub fn settle(
    before: &[Source],
    migrated: Migrated,
    options: &Options,
    level: Safety,
    packages: &Packages,
) -> Result<Settled> {
    let mut search = Search {
        before,
        options,
        level,
        packages,
        vetoes: Vetoes::new(),
        migrated,
        written: before.iter().map(|file| file.text.clone()).collect(),
    };
    search.write()?;
    let mut taken_back: Vec<TakenBack> = Vec::new();
    let mut reason = Vec::new();
    loop {
        let errors = match packages.problem()? {
            Problem::None => break,
            Problem::Errors(errors) => errors,
            Problem::Unknown(why) if taken_back.is_empty() => {
                return Ok(search.settled(taken_back, reason, Some(why)));
            }
            Problem::Unknown(why) => bail!("it could be built once, and now it can't: {why}"),
        };
        if reason.is_empty() {
            reason.clone_from(&errors);
        }
        let suspects = search.suspects(&errors);
        if suspects.is_empty() {
            bail!(
                "it doesn't compile, though all of it is as it was before:\n{}",
                super::shown(&errors)
            );
        }
        search.veto(&suspects);
        taken_back.extend(suspects);
        search.rewrite()?;
    }
    let mut tries = TRIES;
    if !taken_back.is_empty() {
        search.make_again(&taken_back, &mut tries)?;
        taken_back.retain(|found| search.vetoes.contains(&key(found)));
        taken_back.sort_by_key(|found| (found.file, found.made.origin.start));
    }
    Ok(search.settled(taken_back, reason, None))
}

fn key(found: &TakenBack) -> (usize, &'static str, usize) {
    (found.file, found.made.rule, found.made.origin.start)
}

impl Search<'_> {
    fn settled(
        self,
        taken_back: Vec<TakenBack>,
        errors: Vec<CompileError>,
        unknown: Option<String>,
    ) -> Settled {
        Settled {
            migrated: self.migrated,
            taken_back,
            errors,
            unknown,
        }
    }

    fn veto(&mut self, suspects: &[TakenBack]) {
        self.vetoes.extend(suspects.iter().map(key));
    }

    /// Rewrites without what is vetoed.
    fn rewrite(&mut self) -> Result<()> {
        let before = self.before.to_vec();
        self.migrated = migrate_without(before, self.options, self.level, &self.vetoes);
        self.write()
    }

    fn write(&mut self) -> Result<()> {
        for (file, written) in self.migrated.files.iter().zip(&mut self.written) {
            if file.text != *written {
                write::replace(&file.path, &file.text)?;
                written.clone_from(&file.text);
            }
        }
        Ok(())
    }

    /// The fixes that may be why there are these errors.
    fn suspects(&self, errors: &[CompileError]) -> Vec<TakenBack> {
        let places: Vec<_> = errors.iter().flat_map(|error| &error.places).collect();
        let lines: Vec<Vec<&RangeInclusive<usize>>> = self
            .before
            .iter()
            .map(|file| {
                let here = places.iter().filter(|(path, _)| same(path, &file.path));
                here.map(|(_, lines)| lines).collect()
            })
            .collect();
        let close = self.made(|file, made| {
            made.places.iter().any(|place| {
                let text = &self.migrated.files[file].text;
                let line = |at: usize| position(text, at.min(text.len())).line;
                let (first, last) = (line(place.start), line(place.end));
                lines[file]
                    .iter()
                    .any(|lines| first <= *lines.end() && *lines.start() <= last)
            })
        });
        if !close.is_empty() {
            return close;
        }
        let in_files = self.made(|file, _| !lines[file].is_empty());
        if !in_files.is_empty() {
            return in_files;
        }
        self.made(|_, _| true)
    }

    fn made(&self, wanted: impl Fn(usize, &Made) -> bool) -> Vec<TakenBack> {
        let mut found = Vec::new();
        for (file, made) in self.migrated.made.iter().enumerate() {
            let made = made.iter().filter(|made| wanted(file, made));
            found.extend(made.map(|made| TakenBack {
                file,
                made: made.clone(),
            }));
        }
        found
    }

    /// Makes as many of these again as compile: all, or those of one half, or of the other, and so on.
    fn make_again(&mut self, candidates: &[TakenBack], tries: &mut usize) -> Result<()> {
        // That all of them together don't compile is known.
        if candidates.len() < 2 {
            return Ok(());
        }
        let (first, second) = candidates.split_at(candidates.len() / 2);
        for half in [first, second] {
            if *tries == 0 {
                return Ok(());
            }
            *tries -= 1;
            half.iter().for_each(|found| {
                self.vetoes.remove(&key(found));
            });
            self.rewrite()?;
            if !matches!(self.packages.problem()?, Problem::None) {
                self.veto(half);
                self.rewrite()?;
                self.make_again(half, tries)?;
            }
        }
        Ok(())
    }
}
