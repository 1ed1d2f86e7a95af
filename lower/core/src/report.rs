//! Who waits for what, when nothing is left that could go on.

use crate::components::SPINS;
use crate::pipes;
use crate::state::{Waiter, with};
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
    let told = with(|core| {
        let waits = core.waits.as_deref().unwrap_or_default();
        lines.extend(waits.iter().map(|wait| match wait.function {
            Some(function) => format!(
                "{} waits in `{}` {}",
                name(wait.component),
                core.functions.display(function),
                wait.what
            ),
            None => format!(
                "{} waits in a task that it has spawned {}",
                name(wait.component),
                wait.what
            ),
        }));
        waits.iter().map(|wait| wait.component).collect::<Vec<_>>()
    });
    // Of those who have told nothing, built without that, it is known from the core's own pipes.
    let (readers, writers) = pipes::waiters();
    for (waiters, what) in [(readers, "read from"), (writers, "write to")] {
        let silent = |waiter: &Waiter| !told.contains(&waiter.component);
        let waiters = waiters.into_iter().filter(silent);
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

/// That a component has yielded for a long time, and nothing else has happened.
#[cold]
pub fn spinning(component: u32) -> String {
    let mut names = with(|core| {
        let running = core.tasks.running(component);
        running
            .map(|function| format!("`{}`", core.functions.display(function)))
            .collect::<Vec<_>>()
    });
    names.dedup();
    names.truncate(MAX_LINES);
    let calls = match names.is_empty() {
        true => "a task that it has spawned".to_owned(),
        false => names.join(", "),
    };
    format!(
        "{} has yielded {SPINS} times in {calls}, and nothing else has happened: what it looks for may never come",
        name(component)
    )
}

fn name(component: u32) -> String {
    format!("component {}", component + 1)
}
