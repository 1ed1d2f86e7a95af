//! Ends of a program that broke a rule: each is a function of its own, so that a trap's backtrace has the rule as a name.

/// The rule that was broken, by its place below.
static mut BROKEN: u32 = 0;

macro_rules! traps {
    ($($(#[$doc:meta])* $name:ident = $shown:literal;)*) => {
        #[allow(non_camel_case_types, reason = "they are the names of the functions")]
        enum Place { $($name,)* }
        $(
        $(#[$doc])*
        #[cold]
        #[inline(never)]
        #[cfg_attr(target_family = "wasm", unsafe(export_name = $shown))]
        pub extern "C" fn $name() -> ! {
            // Functions with one and the same body would be merged to one.
            // SAFETY: one thread, and nobody else looks at it.
            unsafe { (&raw mut BROKEN).write_volatile(Place::$name as u32) };
            abort()
        }
        )*
    };
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
    read_busy = "trap: stream.read or future.read of an end that is busy";
    write_busy = "trap: stream.write or future.write of an end that is busy";
    drop_readable_busy = "trap: drop-readable of an end that is busy";
    drop_writable_busy = "trap: drop-writable of an end that is busy";
    read_done = "trap: stream.read after the writer has gone, or a second future.read";
    write_done = "trap: stream.write after the reader has gone, or a second future.write";
    cancel_read_idle = "trap: cancel-read of an end that is not busy";
    cancel_write_idle = "trap: cancel-write of an end that is not busy";
    read_wrong_end = "trap: stream.read or future.read of what is no readable end of that type";
    write_wrong_end = "trap: stream.write or future.write of what is no writable end of that type";
    cancel_read_wrong_end = "trap: cancel-read of what is no readable end of that type";
    cancel_write_wrong_end = "trap: cancel-write of what is no writable end of that type";
    drop_readable_wrong_end = "trap: drop-readable of what is no readable end of that type";
    drop_writable_wrong_end = "trap: drop-writable of what is no writable end of that type";
    read_in_set = "trap: synchronous stream.read or future.read of an end in a set";
    write_in_set = "trap: synchronous stream.write or future.write of an end in a set";
    cancel_read_in_set = "trap: synchronous cancel-read of an end in a set";
    cancel_write_in_set = "trap: synchronous cancel-write of an end in a set";
    subtask_in_set = "trap: synchronous subtask.cancel of a subtask in a set";
    join_blocked = "trap: waitable.join of what a synchronous built-in waits for";
    future_unwritten = "trap: future.drop-writable of a future that was not written";
    passed_wrong_end = "trap: what is passed on is no readable end of that type";
    passed_busy = "trap: an end is passed on that is busy";
    passed_done = "trap: an end is passed on from which all was read";
    passed_in_set = "trap: an end is passed on that is in a set";
    bad_buffer = "trap: read or write of a buffer that is not aligned, or not in memory";
    too_many_items = "trap: stream.read or stream.write of more than 268435455 items";
    return_type = "trap: task.return of another type or options than the function's";
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
