//! A finding: where it is, what it is, what to write instead, and the fix if there is one.

use crate::edit::{Fix, Safety};
use std::ops::Range;

/// Something that has to change on the way to WASI 0.3. A finding is data. That a file could not be looked at is an error.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The name of the rule.
    pub rule: &'static str,
    /// The bytes of the file that it is about.
    pub range: Range<usize>,
    pub message: String,
    /// What to write instead, or how to get there, if the message doesn't say.
    pub help: Option<String>,
    /// Without it, a human must decide.
    pub fix: Option<Fix>,
    /// There is no fix for it alone, but the fixes of other findings take it along.
    pub taken_along: bool,
    /// The statement, or the signature of the function, that it is in.
    pub statement: Option<Range<usize>>,
    /// Other findings of the same statement, once [`joined`] has put them together.
    pub also: Vec<Finding>,
}

impl Finding {
    /// A finding without the rule's name, which the engine adds.
    pub fn new(range: Range<usize>, message: impl Into<String>) -> Self {
        Self {
            rule: "",
            range,
            message: message.into(),
            help: None,
            fix: None,
            taken_along: false,
            statement: None,
            also: Vec::new(),
        }
    }

    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub fn fix(mut self, fix: Fix) -> Self {
        self.fix = Some(fix);
        self
    }

    /// The level of `rewrite` that changes this, without what is joined with it. `None`: a human must.
    pub fn level(&self) -> Option<Safety> {
        match &self.fix {
            Some(fix) => Some(fix.safety),
            None => self.taken_along.then_some(Safety::Unsafe),
        }
    }

    /// `safe`, `unsafe`, or `manual`: what all of it needs, with what is joined with it.
    pub fn safety(&self) -> &'static str {
        let worst = self
            .parts()
            .map(|part| part.level().map_or("manual", Safety::name));
        let order = ["manual", "unsafe", "safe"];
        let found: Vec<_> = worst.collect();
        order
            .into_iter()
            .find(|level| found.contains(level))
            .unwrap_or("manual")
    }

    /// This and what is joined with it.
    pub fn parts(&self) -> impl Iterator<Item = &Finding> {
        std::iter::once(self).chain(&self.also)
    }
}

/// One finding for each statement: the first, with the others of the statement as a part of it.
pub fn joined(findings: Vec<Finding>) -> Vec<Finding> {
    let mut joined: Vec<Finding> = Vec::new();
    for finding in findings {
        let same = finding.statement.as_ref().and_then(|statement| {
            let mut earlier = joined.iter_mut();
            earlier.find(|found| found.statement.as_ref() == Some(statement))
        });
        match same {
            Some(first) => first.also.push(finding),
            None => joined.push(finding),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_is_one_finding_as_hard_as_its_hardest_part() {
        let part = |start, statement, fix| Finding {
            statement,
            fix,
            ..Finding::new(start..start + 1, "")
        };
        let findings = joined(vec![
            part(0, Some(0..9), Some(Fix::safe(Vec::new()))),
            part(3, Some(0..9), Some(Fix::risky(Vec::new()))),
            part(20, None, None),
            part(30, None, None),
        ]);
        assert_eq!(findings.len(), 3);
        assert_eq!(
            (findings[0].also.len(), findings[0].safety()),
            (1, "unsafe")
        );
        assert_eq!(findings[1].safety(), "manual");
    }
}
