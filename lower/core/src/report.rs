//! Who waits for what, when nothing is left that could go on.

use crate::pipes;
use crate::state::with;
use std::fmt::Write;

/// More lines than this tell nobody anything.
const MAX_LINES: usize = 20;

pub fn report() -> String {
    let mut lines: Vec<String> = with(|core| {
        let waits = core.tasks.waited_for();
        waits
            .map(|waits| {
                format!(
                    "{} waits for `{}` of {} (task {})",
                    name(waits.caller),
                    core.functions.display(waits.function),
                    name(waits.callee),
                    waits.task
                )
            })
            .collect()
    });
    let (readers, writers) = pipes::waiters();
    for (waiters, what) in [(readers, "read from"), (writers, "write to")] {
        let waiters = waiters.into_iter();
        lines.extend(waiters.map(|waiter| {
            format!(
                "{} waits to {what} a stream or future",
                name(waiter.component)
            )
        }));
    }
    let mut text =
        "deadlock: all tasks wait, and nothing is under way that could wake one".to_owned();
    for line in lines.iter().take(MAX_LINES) {
        // Writing to a string does not fail.
        let _ = write!(text, "\n  {line}");
    }
    if lines.len() > MAX_LINES {
        let _ = write!(text, "\n  and {} more", lines.len() - MAX_LINES);
    }
    text
}

fn name(component: u32) -> String {
    format!("component {}", component + 1)
}
