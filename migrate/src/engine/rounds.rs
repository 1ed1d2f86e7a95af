//! The rounds of a rewriting: fixes are made, and what they left or led to is looked for again, until nothing changes.

use super::{FileError, Options, Report, Trace, add_programs, check_unit, readable, units};
use crate::edit::{self, Applied, Edit, Safety, apply};
use crate::facade::idiom;
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

/// What has been done to a file.
#[derive(Default)]
struct Progress {
    steps: Vec<Step>,
    trace: Trace,
}

impl Progress {
    /// Whether the fix of a finding is to be made.
    fn wants(&self, finding: &Finding, file: usize, level: Safety, vetoes: &Vetoes) -> bool {
        let fix = finding.fix.as_ref();
        fix.is_some_and(|fix| fix.safety <= level) && !self.is_vetoed(finding, file, vetoes)
    }

    fn is_vetoed(&self, finding: &Finding, file: usize, vetoes: &Vetoes) -> bool {
        let origin = || self.trace.back(&finding.range).start;
        !vetoes.is_empty() && vetoes.contains(&(file, finding.rule, origin()))
    }

    /// Notes that fixes of these findings were made.
    fn add(&mut self, findings: &[&Finding], applied: &Applied) {
        let round = self.trace.rounds();
        let steps = applied.made.iter().map(|made| {
            let finding = findings[*made];
            let fix = finding.fix.as_ref();
            Step {
                made: Made {
                    rule: finding.rule,
                    message: finding.message.clone(),
                    origin: self.trace.back(&finding.range),
                    places: Vec::new(),
                },
                round,
                edits: fix.map_or_else(Vec::new, |fix| fix.edits.clone()),
            }
        });
        let steps: Vec<_> = steps.collect();
        self.steps.extend(steps);
        self.trace.push(&applied.edits);
    }
}

fn migrate_here(
    mut files: Vec<Source>,
    options: &Options,
    level: Safety,
    vetoes: &Vetoes,
) -> Migrated {
    let mut progress: Vec<Progress> = files.iter().map(|_| Progress::default()).collect();
    migrate_programs(&mut files, &mut progress, options, level, vetoes);
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
                let (file, progress) = (&mut files[index], &mut progress[index]);
                let findings = report.findings.iter();
                let fixable: Vec<&Finding> = findings
                    .filter(|finding| progress.wants(finding, index, level, vetoes))
                    .collect();
                let applied = apply(
                    &file.text,
                    fixable.iter().filter_map(|finding| finding.fix.as_ref()),
                );
                if applied.text != file.text {
                    match readable(file.kind, &applied.text) {
                        Ok(()) => {
                            progress.add(&fixable, &applied);
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
            add_programs(&mut reports, &files, options);
            return finished(files, reports, progress);
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
    finished(files, reports, progress)
}

/// Makes the fixes of rules about all files together, round by round. Those of one round are made in all files, or in none.
fn migrate_programs(
    files: &mut [Source],
    progress: &mut [Progress],
    options: &Options,
    level: Safety,
    vetoes: &Vetoes,
) {
    for _ in 0..ROUNDS {
        let found = idiom::check(files, options);
        let mut changes = Vec::new();
        for (index, findings) in found.iter().enumerate() {
            let is_vetoed = |finding| progress[index].is_vetoed(finding, index, vetoes);
            if findings.iter().any(is_vetoed) {
                // They belong together, and are reported as they are found.
                return;
            }
            let wanted = |finding: &&Finding| progress[index].wants(finding, index, level, vetoes);
            let fixable: Vec<&Finding> = findings.iter().filter(wanted).collect();
            let fixes = || fixable.iter().filter_map(|finding| finding.fix.as_ref());
            let applied = apply(&files[index].text, fixes());
            if applied.text == files[index].text {
                continue;
            }
            let is_whole = edit::fit(fixes());
            if !is_whole || readable(files[index].kind, &applied.text).is_err() {
                return;
            }
            changes.push((index, fixable, applied));
        }
        if changes.is_empty() {
            return;
        }
        for (index, findings, applied) in changes {
            progress[index].add(&findings, &applied);
            files[index].text = applied.text;
        }
    }
}

fn finished(files: Vec<Source>, reports: Vec<Report>, progress: Vec<Progress>) -> Migrated {
    let mut traces = Vec::new();
    let mut made: Vec<Vec<Made>> = Vec::new();
    for Progress { steps, trace } in progress {
        let placed = steps.into_iter().map(|mut step| {
            let written = |edit| trace.written(step.round, edit);
            step.made.places = step.edits.iter().map(written).collect();
            step.made
        });
        made.push(placed.collect());
        traces.push(trace);
    }
    Migrated {
        files,
        reports,
        fixed: made.iter().map(Vec::len).collect(),
        made,
        traces,
    }
}
