//! Tests of the runtime on the build machine, where the component calls itself through a core of the tests' own.

mod calls;
mod large_writes;
mod pipes;
mod tasks;

use super::executor;
use super::test_core;

/// Runs everything that can run.
fn run() {
    // The first one may be for cancelled tasks alone.
    super::poll();
    // A task that keeps waking itself asks for another turn.
    for _ in 0..100 {
        let wakes = test_core::with(|core| core.wakes);
        super::poll();
        if test_core::with(|core| core.wakes) == wakes {
            return;
        }
    }
}

/// Nothing is left of what a test did.
#[track_caller]
fn assert_empty() {
    run();
    assert_eq!(executor::count(), 0, "tasks are left");
    assert_eq!(super::waits::count(), 0, "tokens are left");
    assert_eq!(super::backpressure::count(), 0, "calls are held back");
    test_core::with(|core| {
        assert_eq!(core.tasks(), 0, "`pending`s are left");
        assert_eq!(core.ends(), 0, "ends of pipes are left");
    });
    assert_eq!(test_core::Counted::count(), 0, "values are left");
}
