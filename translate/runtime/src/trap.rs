//! Ends of a program that broke a rule: each is a function of its own, so that a trap's backtrace has the rule as a name.

/// The rule that was broken, for a debugger.
static mut BROKEN: *const u8 = core::ptr::null();

macro_rules! traps {
    ($($(#[$doc:meta])* $name:ident = $shown:literal;)*) => {$(
        $(#[$doc])*
        #[cold]
        #[inline(never)]
        #[cfg_attr(target_family = "wasm", unsafe(export_name = $shown))]
        pub extern "C" fn $name() -> ! {
            // Functions with one and the same body would be merged to one.
            // SAFETY: one thread, and nobody else looks at it.
            unsafe { (&raw mut BROKEN).write_volatile($shown.as_ptr()) };
            abort()
        }
    )*};
}

traps! {
    not_a_waitable = "trap: waitable.join of what is no waitable of this component";
    not_a_set = "trap: not a waitable set of this component";
    set_in_use = "trap: waitable-set.drop of a set that is not empty or is waited for";
    not_a_subtask = "trap: not a subtask of this component";
    subtask_unresolved = "trap: subtask.drop of a subtask that is not resolved";
    subtask_resolved = "trap: subtask.cancel of a subtask that is resolved";
    returned_twice = "trap: task.return or task.cancel of a task that has returned";
    not_cancelled = "trap: task.cancel of a task that was not cancelled";
    no_task = "trap: a built-in for tasks was called outside of one";
    no_return = "trap: the task exited without task.return or task.cancel";
    bad_code = "trap: the task returned a code that is neither exit, yield nor wait";
    backpressure = "trap: backpressure.dec without backpressure.inc, or too many of these";
    busy_end = "trap: the end of a stream or future is busy with a read or write";
    idle_end = "trap: cancel-read or cancel-write of an end that is not busy";
    both_ends = "trap: a read and a write of one component meet, in a stream or future whose items are not numbers";
    no_such_end = "trap: not the end of a stream or future";
    out_of_memory = "trap: the guest's realloc failed";
    too_many = "trap: too many tasks, subtasks or sets";
    internal = "trap: internal error of the translator's runtime";
}

fn abort() -> ! {
    #[cfg(target_family = "wasm")]
    core::arch::wasm32::unreachable();
    #[cfg(not(target_family = "wasm"))]
    panic!("trap");
}

#[cfg(target_family = "wasm")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    internal()
}
