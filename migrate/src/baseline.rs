//! The baseline: a file of known findings, so that only new ones are reported.

use crate::finding::Finding;
use crate::place::line;
use crate::source::Source;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How often each finding is known. A finding is identified by the text of its line, so that it may move within the file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Baseline(BTreeMap<String, BTreeMap<String, usize>>);

impl Baseline {
    pub fn add(&mut self, source: &Source, findings: &[Finding]) {
        for finding in findings {
            let path = source.path.display().to_string();
            *self
                .0
                .entry(path)
                .or_default()
                .entry(key(source, finding))
                .or_default() += 1;
        }
    }

    /// Removes known findings. Each known finding counts once.
    pub fn filter(&mut self, source: &Source, findings: &mut Vec<Finding>) {
        let Some(known) = self.0.get_mut(&source.path.display().to_string()) else {
            return;
        };
        findings.retain(|finding| match known.get_mut(&key(source, finding)) {
            Some(count) if *count > 0 => {
                *count -= 1;
                false
            }
            _ => true,
        });
    }
}

fn key(source: &Source, finding: &Finding) -> String {
    format!(
        "{}: {}",
        finding.rule,
        line(&source.text, finding.range.start).trim()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_moves_is_known_and_what_is_new_is_not() {
        let source = |text: &str| Source::new("a.wit", text).unwrap();
        let finding = |start: usize| Finding {
            rule: "some-rule",
            ..Finding::new(start..start + 1, "")
        };
        let mut baseline = Baseline::default();
        baseline.add(&source("x\n"), &[finding(0)]);
        let mut findings = vec![finding(1), finding(3)];
        baseline.filter(&source("\nx\nx\n"), &mut findings);
        assert_eq!(findings, [finding(3)]);
    }
}
