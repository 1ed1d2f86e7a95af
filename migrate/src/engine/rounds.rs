//! The rounds of a rewriting: fixes are made, and what they left or led to is looked for again, until nothing changes.

use super::{FileError, Options, Report, Trace, check_unit, readable, units};
use crate::edit::{Edit, Fix, Safety, apply};
use crate::finding::Finding;
use crate::source::Source;
use crate::stack;
use rayon::prelude::*;
use std::collections::{BTreeSet, HashSet};
use std::ops::Range;

/// The most rounds, more than any file needs: two rules that undo each other would go on for ever.
const ROUNDS: usize = 50;

/// The result of [`migrate`].
pub struct Migrated {
    pub files: Vec<Source>,
    /// The findings that are left in each.
    pub reports: Vec<Report>,
    /// How many fixes were made in each.
    pub fixed: Vec<usize>,
    /// The fixes that were made in each.
    pub made: Vec<Vec<Made>>,
    /// How places moved in each.
    pub traces: Vec<Trace>,
}

/// A fix that was made.
#[derive(Clone, Debug)]
pub struct Made {
    pub rule: &'static str,
    pub message: String,
    /// What it was about, in the text before the rewriting.
    pub origin: Range<usize>,
    /// What it wrote, in the text after the rewriting.
    pub places: Vec<Range<usize>>,
}

/// Fixes that are not to be made: the file's index, the rule, and where what it is about begins in the text before the rewriting.
pub type Vetoes = HashSet<(usize, &'static str, usize)>;

/// Makes the fixes that are at least as safe as `level`.
pub fn migrate(files: Vec<Source>, options: &Options, level: Safety) -> Migrated {
    migrate_without(files, options, level, &Vetoes::new())
}

/// The same without some fixes.
pub fn migrate_without(
    files: Vec<Source>,
    options: &Options,
    level: Safety,
    vetoes: &Vetoes,
) -> Migrated {
    stack::in_pool(|| migrate_here(files, options, level, vetoes))
}

/// A fix that was made, with its round.
struct Step {
    made: Made,
    round: usize,
    edits: Vec<Edit>,
}

fn migrate_here(
    mut files: Vec<Source>,
    options: &Options,
    level: Safety,
    vetoes: &Vetoes,
) -> Migrated {
    let mut steps: Vec<Vec<Step>> = files.iter().map(|_| Vec::new()).collect();
    let mut traces = vec![Trace::default(); files.len()];
    let mut reports = vec![Report::default(); files.len()];
    let mut units = units(&files);
    for _ in 0..ROUNDS {
        let found: Vec<_> = units
            .par_iter()
            .map(|unit| check_unit(&files, unit.clone(), options))
            .collect();
        let mut changed = Vec::new();
        for (unit, found) in units.into_iter().zip(found) {
            let mut unit_changed = false;
            for (index, mut report) in found {
                let (file, trace) = (&mut files[index], &mut traces[index]);
                let wanted = |finding: &&Finding| {
                    let is_wanted = |fix: &Fix| fix.safety <= level;
                    let origin = || trace.back(&finding.range).start;
                    finding.fix.as_ref().is_some_and(is_wanted)
                        && (vetoes.is_empty() || !vetoes.contains(&(index, finding.rule, origin())))
                };
                let fixable: Vec<&Finding> = report.findings.iter().filter(wanted).collect();
                let applied = apply(
                    &file.text,
                    fixable.iter().filter_map(|finding| finding.fix.as_ref()),
                );
                if applied.text != file.text {
                    match readable(file.kind, &applied.text) {
                        Ok(()) => {
                            let round = trace.rounds();
                            steps[index].extend(applied.made.iter().map(|made| {
                                let finding = fixable[*made];
                                Step {
                                    made: Made {
                                        rule: finding.rule,
                                        message: finding.message.clone(),
                                        origin: trace.back(&finding.range),
                                        places: Vec::new(),
                                    },
                                    round,
                                    edits: finding
                                        .fix
                                        .as_ref()
                                        .map_or_else(Vec::new, |fix| fix.edits.clone()),
                                }
                            }));
                            trace.push(&applied.edits);
                            file.text = applied.text;
                            unit_changed = true;
                        }
                        // A bug in a fix must not break the author's file.
                        Err(error) => {
                            let message = format!(
                                "the fixes would not parse ({}), so the file is left as it is: please report this",
                                error.message
                            );
                            report.error = Some(FileError { at: 0, message });
                        }
                    }
                }
                reports[index] = report;
            }
            if unit_changed {
                changed.push(unit);
            }
        }
        if changed.is_empty() {
            return finished(files, reports, steps, traces);
        }
        units = changed;
    }
    for index in units.into_iter().flatten() {
        let rules: BTreeSet<_> = reports[index]
            .findings
            .iter()
            .map(|finding| finding.rule)
            .collect();
        let message = format!(
            "still changing after {ROUNDS} rounds, by {}: please report this",
            rules.into_iter().collect::<Vec<_>>().join(", ")
        );
        reports[index].error = Some(FileError { at: 0, message });
    }
    finished(files, reports, steps, traces)
}

fn finished(
    files: Vec<Source>,
    reports: Vec<Report>,
    steps: Vec<Vec<Step>>,
    traces: Vec<Trace>,
) -> Migrated {
    let made: Vec<Vec<Made>> = steps
        .into_iter()
        .zip(&traces)
        .map(|(steps, trace)| {
            let placed = steps.into_iter().map(|mut step| {
                let written = |edit| trace.written(step.round, edit);
                step.made.places = step.edits.iter().map(written).collect();
                step.made
            });
            placed.collect()
        })
        .collect();
    Migrated {
        files,
        reports,
        fixed: made.iter().map(Vec::len).collect(),
        made,
        traces,
    }
}
