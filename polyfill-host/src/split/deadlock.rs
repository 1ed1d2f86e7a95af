//! Detects that all tasks wait for each other, and reports who waits for what.

use super::ctx::SplitCtx;

/// Whether nothing is under way outside of the guests that could wake one, and none of them has anything to do.
pub(crate) fn nothing_will_come(ctx: &SplitCtx) -> bool {
    ctx.core.queue().is_empty() && !ctx.core.machine.has_roots() && !is_under_way(ctx)
}

fn is_under_way(ctx: &SplitCtx) -> bool {
    ctx.core.future_count() > 0 || ctx.pollables.any() || ctx.pipes.awaits_host()
}

/// If nothing is under way outside of the guests, and no guest can go on: a report of who waits for what.
pub(crate) fn report(ctx: &SplitCtx) -> Option<String> {
    if is_under_way(ctx) {
        return None;
    }
    let (readers, writers) = ctx.pipes.waiters();
    Some(ctx.core.machine.deadlock(readers, writers))
}
