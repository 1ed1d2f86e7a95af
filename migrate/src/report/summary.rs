//! The counts of a run: how much was found, how much of it a machine changes, and how much is left.

use super::FileReport;
use crate::engine::{Migrated, Report};
use crate::finding::{Finding, joined};
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// How many findings need what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Counts {
    pub safe: usize,
    #[serde(rename = "unsafe")]
    pub risky: usize,
    pub manual: usize,
}

impl Counts {
    pub fn all(&self) -> usize {
        self.safe + self.risky + self.manual
    }

    fn add(&mut self, safety: &str) {
        match safety {
            "safe" => self.safe += 1,
            "unsafe" => self.risky += 1,
            _ => self.manual += 1,
        }
    }
}

/// What `rewrite --unsafe` would leave.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Left {
    /// Findings, one for each statement.
    pub findings: usize,
    /// Call sites of names that only 0.2 has.
    pub sites: usize,
    /// The findings by rule.
    pub rules: BTreeMap<&'static str, usize>,
}

#[derive(Clone, Debug, Default, Serialize)]
pub struct Summary {
    /// The files that were looked at.
    pub files: usize,
    /// The files in which something was found.
    pub concerned: usize,
    /// Findings, one for each statement.
    pub findings: usize,
    #[serde(flatten)]
    pub counts: Counts,
    /// How often Rust code, `use`s aside, says a name that only 0.2 has.
    pub sites: usize,
    /// `None`: it was not worked out.
    pub left: Option<Left>,
    /// What each rule found, several in one statement counted each.
    pub rules: BTreeMap<&'static str, Counts>,
}

impl Summary {
    pub fn of(files: &[FileReport], sites: usize, left: Option<Left>) -> Self {
        let mut summary = Self {
            files: files.len(),
            sites,
            left,
            ..Self::default()
        };
        for file in files {
            summary.concerned += usize::from(!file.findings.is_empty());
            summary.findings += file.findings.len();
            for finding in file.findings {
                summary.counts.add(finding.safety());
                for part in finding.parts() {
                    let level = part.level().map_or("manual", |level| level.name());
                    summary.rules.entry(part.rule).or_default().add(level);
                }
            }
        }
        summary
    }

    /// The rules, those that found most first.
    pub fn by_count(&self) -> Vec<(&'static str, Counts)> {
        let mut rules: Vec<_> = self
            .rules
            .iter()
            .map(|(rule, counts)| (*rule, *counts))
            .collect();
        rules.sort_by_key(|(_, counts)| Reverse(counts.all()));
        rules
    }

    /// The summary as sentences, a line each.
    pub fn lines(&self) -> Vec<String> {
        let all = format!(
            "{} in {}",
            plural(self.findings, "finding"),
            plural(self.files, "file")
        );
        if self.findings == 0 {
            return vec![all];
        }
        let Counts {
            safe,
            risky,
            manual,
        } = self.counts;
        let mut lines = vec![match safe + risky {
            0 => format!("{all}, to do by hand"),
            _ => format!("{all}: {safe} safe to fix, {risky} unsafe, {manual} not"),
        }];
        if let Some(left) = self.left.as_ref().filter(|_| safe + risky > 0) {
            let sites = match self.sites {
                0 => String::new(),
                sites => format!(
                    "change {} of {} and ",
                    sites.saturating_sub(left.sites),
                    plural(sites, "call site")
                ),
            };
            let mut rules: Vec<_> = left.rules.iter().collect();
            rules.sort_by_key(|(_, count)| Reverse(**count));
            let rules: Vec<_> = rules
                .into_iter()
                .map(|(rule, count)| format!("{rule} {count}"))
                .collect();
            lines.push(match left.findings {
                0 => format!("`rewrite --unsafe` would {sites}leave nothing to do by hand"),
                findings => format!(
                    "`rewrite --unsafe` would {sites}leave {findings} to do by hand: {}",
                    rules.join(", ")
                ),
            });
        }
        lines
    }
}

impl Left {
    pub fn of(migrated: &Migrated) -> Self {
        let mut left = Self {
            sites: migrated.reports.iter().map(|report| report.sites).sum(),
            ..Self::default()
        };
        for report in &migrated.reports {
            for finding in joined(report.findings.clone()) {
                left.findings += 1;
                *left.rules.entry(finding.rule).or_default() += 1;
            }
        }
        left
    }
}

/// Marks findings without a fix that the fixes of others take along: after the rewriting nothing is found where they were.
pub fn mark_taken_along(reports: &mut [Report], migrated: &Migrated) {
    let traces = migrated.reports.iter().zip(&migrated.traces);
    for (report, (after, trace)) in reports.iter_mut().zip(traces) {
        for finding in report
            .findings
            .iter_mut()
            .filter(|found| found.fix.is_none())
        {
            let place = trace.forward(&finding.range);
            let stays = |left: &Finding| {
                left.rule == finding.rule
                    && left.range.start <= place.end
                    && place.start <= left.range.end
            };
            finding.taken_along = after.error.is_none() && !after.findings.iter().any(stays);
        }
    }
}

fn plural(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
