//! A finding: where it is, what it is, what to write instead, and the fix if there is one.

use crate::edit::Fix;
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

    /// `safe`, `unsafe`, or `manual` if there is no fix.
    pub fn safety(&self) -> &'static str {
        self.fix.as_ref().map_or("manual", |fix| fix.safety.name())
    }
}
