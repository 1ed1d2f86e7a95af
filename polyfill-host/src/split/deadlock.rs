//! Finds that all tasks wait for each other, and says who waits for what.

use std::fmt::Write;

use super::ctx::SplitCtx;
use super::layers::PipeTable;
use crate::core::{Caller, ComponentIndex, WaitedFor};

/// More lines than this tell nobody anything.
const MAX_LINES: usize = 20;

/// What is looked at in each table of pipes.
#[derive(Default)]
struct Look {
    awaits_host: bool,
    readers: Vec<ComponentIndex>,
    writers: Vec<ComponentIndex>,
}

impl Look {
    fn at(&mut self, pipes: &dyn PipeTable) {
        self.awaits_host |= pipes.awaits_host();
        let (readers, writers) = pipes.waiters();
        self.readers.extend(readers);
        self.writers.extend(writers);
    }

    fn new(ctx: &SplitCtx) -> Look {
        let mut look = Look::default();
        look.at(&ctx.bytes);
        look.at(&ctx.units);
        look.at(&ctx.values);
        ctx.layers.tables(&mut |table| look.at(table));
        look
    }
}

/// Whether nothing is under way outside of the guests that could wake one, and none of them has anything to do.
pub(crate) fn nothing_will_come(ctx: &SplitCtx) -> bool {
    ctx.core.queue().is_empty() && !ctx.core.has_roots() && !is_under_way(ctx, &Look::new(ctx))
}

fn is_under_way(ctx: &SplitCtx, look: &Look) -> bool {
    ctx.core.future_count() > 0 || ctx.pollables.any() || look.awaits_host
}

/// If nothing is under way outside of the guests, which have all done what they can: who waits for what.
pub(crate) fn report(ctx: &SplitCtx) -> Option<String> {
    let look = Look::new(ctx);
    if is_under_way(ctx, &look) {
        return None;
    }
    let mut lines = Vec::new();
    for WaitedFor {
        task,
        callee,
        caller,
    } in ctx.core.waited_for()
    {
        let caller = match caller {
            Caller::Guest { component, .. } => name(component),
            Caller::Host(_) => "the host".to_string(),
        };
        let callee = match callee {
            Some((component, function)) => {
                format!("`{}` of {}", ctx.core.function(function), name(component))
            }
            None => "the host".to_string(),
        };
        lines.push(format!("{caller} waits for {callee} (task {task})"));
    }
    for wait in ctx.core.waits() {
        lines.push(match wait.function {
            Some(function) => format!(
                "{} waits in `{}` {}",
                name(wait.component),
                ctx.core.function(function),
                wait.what
            ),
            None => format!(
                "{} waits in a task that it has spawned {}",
                name(wait.component),
                wait.what
            ),
        });
    }
    // Of those who have told nothing, built without that, it is known from the host's own pipes.
    let is_silent = |component: &&ComponentIndex| {
        let mut waits = ctx.core.waits().iter();
        waits.all(|wait| wait.component != **component)
    };
    let end = |(component, what): (&ComponentIndex, &str)| {
        format!("{} waits to {what}", name(*component))
    };
    lines.extend(
        look.readers
            .iter()
            .filter(is_silent)
            .map(|component| (component, "read from a stream or future"))
            .map(end),
    );
    lines.extend(
        look.writers
            .iter()
            .filter(is_silent)
            .map(|component| (component, "write to a stream or future"))
            .map(end),
    );

    let mut text =
        "deadlock: all tasks wait, and nothing is under way that could wake one".to_string();
    for line in lines.iter().take(MAX_LINES) {
        let _ = write!(text, "\n  {line}");
    }
    if lines.len() > MAX_LINES {
        let _ = write!(text, "\n  and {} more", lines.len() - MAX_LINES);
    }
    Some(text)
}

fn name(component: ComponentIndex) -> String {
    format!("component {}", component + 1)
}
