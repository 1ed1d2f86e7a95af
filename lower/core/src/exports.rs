//! What is exported: `isyswasfa:core`, and what `lower` makes pipes without payload of.

use crate::abi::{answer, place_of, raw, rep_of};
use crate::items::RawItems;
use crate::memory::Memory;
use crate::pipe_exports::*;
use crate::pipes;
use crate::state::{self, waiter, with};
use isyswasfa_core::{Answer, Made, Units};

/// A string that the caller has passed.
#[inline(never)]
fn text(ptr: *const u8, len: usize) -> String {
    match len {
        0 => String::new(),
        // SAFETY: the caller has put so many bytes there.
        _ => String::from_utf8_lossy(unsafe { std::slice::from_raw_parts(ptr, len) }).into_owned(),
    }
}

export! {
    "isyswasfa:core/tasks@0.1.0#register"
    fn register() -> u64 {
        with(|core| core.machine.register())
    }

    "isyswasfa:core/tasks@0.1.0#number"
    fn number(component: u64) -> u32 {
        with(|core| core.machine.number(component))
    }

    "isyswasfa:core/tasks@0.1.0#mailbox"
    fn mailbox(component: u64) -> u64 {
        with(|core| core.machine.mailbox(component))
    }

    "isyswasfa:core/tasks@0.1.0#link"
    fn link(component: u64, child: u32) {
        with(|core| core.machine.link(component, child))
    }

    "isyswasfa:core/tasks@0.1.0#name-function"
    fn name_function(component: u64, ptr: *const u8, len: usize) -> u32 {
        let _memory = Memory::of_call();
        let name = text(ptr, len);
        with(|core| core.machine.name_function(component, &name))
    }

    "isyswasfa:core/tasks@0.1.0#make-task"
    fn make_task(component: u64, function: u32, key: u32, poll: u32) -> *mut u8 {
        let (task, origin) = with(|core| {
            let task = core.machine.make_task(component, function, key, poll != 0)?;
            Ok((task, core.machine.origin()))
        });
        // SAFETY: plain numbers.
        let pending = unsafe { raw::new_pending(rep_of(task)) };
        answer(Made { pending, task, origin })
    }

    "isyswasfa:core/tasks@0.1.0#complete"
    fn complete(component: u64, task: u32) {
        with(|core| core.machine.complete(component, task))
    }

    "isyswasfa:core/tasks@0.1.0#finish"
    fn finish(component: u64, function: u32, done: u32) -> u32 {
        // SAFETY: the handle was just passed to us to own.
        let task = place_of(unsafe { raw::pending_rep(done) });
        let key = with(|core| core.machine.finish(component, function, task));
        // SAFETY: as above. The destructor finds no task any more.
        unsafe { raw::drop_pending(done) };
        key
    }

    "isyswasfa:core/tasks@0.1.0#subscribe"
    fn subscribe(task: u32, component: u64, token: u32) {
        with(|core| core.machine.subscribe(place_of(task), component, token))
    }

    "isyswasfa:core/tasks@0.1.0#cancel"
    fn cancel(task: u32) -> u32 {
        // SAFETY: the handle was just passed to us to own.
        let place = place_of(unsafe { raw::pending_rep(task) });
        let cancelled = with(|core| core.machine.cancel(place));
        // SAFETY: as above. The destructor finds a task that is cancelled already.
        unsafe { raw::drop_pending(task) };
        cancelled.number()
    }

    "isyswasfa:core/tasks@0.1.0#wake"
    fn wake(component: u64) {
        with(|core| core.machine.wake(component))
    }

    "isyswasfa:core/tasks@0.1.0#post"
    fn post(mailbox: u64, token: u32) {
        with(|core| core.machine.post(mailbox, token))
    }

    "isyswasfa:core/tasks@0.1.0#next-event"
    fn next_event(component: u64) -> u64 {
        with(|core| core.next_event(component))
    }

    "isyswasfa:core/tasks@0.1.0#origin"
    fn origin() -> u64 {
        with(|core| Ok(core.machine.origin()))
    }

    "isyswasfa:core/tasks@0.1.0#set-origin"
    fn set_origin(origin: u64) {
        with(|core| {
            core.machine.set_origin(origin);
            Ok(())
        })
    }

    "isyswasfa:core/tasks@0.1.0#waits"
    fn waits(component: u64, has_task: u32, task: u32, ptr: *const u8, len: usize) {
        let _memory = Memory::of_call();
        let what = text(ptr, len);
        with(|core| core.machine.waits(component, (has_task != 0).then_some(task), &what))
    }

    "isyswasfa:core/tasks@0.1.0#wait"
    fn wait(component: u64) {
        state::wait(component)
    }

    "isyswasfa:core/tasks@0.1.0#[dtor]pending"
    fn drop_pending(task: u32) {
        with(|core| core.machine.drop_pending(place_of(task)));
    }

    "isyswasfa:core/pollables@0.1.0#wait-for"
    fn wait_for(mailbox: u64, token: u32, on: u32) -> u32 {
        let waiter = waiter(mailbox, token);
        let index = with(|core| Ok(core.pollables.insert(waiter, on)));
        // SAFETY: plain numbers.
        unsafe { raw::new_waiting(rep_of(index)) }
    }

    "isyswasfa:core/pollables@0.1.0#[dtor]waiting"
    fn drop_waiting(index: u32) {
        if let Some(pollable) = with(|core| Ok(core.pollables.remove(place_of(index)))) {
            // SAFETY: the handle is ours.
            unsafe { raw::drop_pollable(pollable) }
        }
    }

    // For drivers: as `wait`, but false if nothing goes on that could wake anybody.
    "isyswasfa:lower/idle@0.1.0#wait-unless-idle"
    fn wait_unless_idle(component: u64) -> u32 {
        u32::from(state::wait_unless_idle(component))
    }

    "isyswasfa:core/bytes@0.1.0#new"
    fn bytes_new() -> *mut u8 {
        let pipe = pipe_new();
        // SAFETY: plain numbers.
        let ends = unsafe { (raw::new_writer(pipe), raw::new_reader(pipe)) };
        ends_of(ends.0, ends.1)
    }

    "isyswasfa:core/bytes@0.1.0#[method]reader.read"
    fn bytes_read(pipe: u32, mailbox: u64, token: u32, max: u32) -> *mut u8 {
        pipe_read(pipe, mailbox, token, max)
    }

    "isyswasfa:core/bytes@0.1.0#[method]reader.cancel-read"
    fn bytes_cancel_read(pipe: u32) -> *mut u8 {
        pipe_cancel_read(pipe)
    }

    "isyswasfa:core/bytes@0.1.0#[method]reader.unread"
    fn bytes_unread(pipe: u32, ptr: *mut u8, len: usize) -> u32 {
        u32::from(pipes::unread(pipe, RawItems::new(Memory::of_call(), ptr, len, 1)))
    }

    "isyswasfa:core/bytes@0.1.0#[method]writer.write"
    fn bytes_write(pipe: u32, mailbox: u64, token: u32, ptr: *mut u8, len: usize) -> *mut u8 {
        pipe_write(pipe, mailbox, token, ptr, len, 1)
    }

    "isyswasfa:core/bytes@0.1.0#[method]writer.written"
    fn bytes_written(pipe: u32, mailbox: u64, token: u32) -> *mut u8 {
        pipe_written(pipe, mailbox, token)
    }

    "isyswasfa:core/bytes@0.1.0#[method]writer.cancel-write"
    fn bytes_cancel_write(pipe: u32) -> u32 {
        pipe_cancel_write(pipe)
    }

    "isyswasfa:core/bytes@0.1.0#[method]writer.take-back"
    fn bytes_take_back(pipe: u32) -> *mut u8 {
        pipe_take_back(pipe)
    }

    "isyswasfa:core/bytes@0.1.0#[dtor]reader"
    fn bytes_drop_reader(pipe: u32) {
        pipe_drop_reader(pipe)
    }

    "isyswasfa:core/bytes@0.1.0#[dtor]writer"
    fn bytes_drop_writer(pipe: u32) {
        pipe_drop_writer(pipe)
    }

    // A pipe without payload.
    "unit-new"
    fn unit_new() -> u32 {
        pipes::create::<Units>()
    }

    "unit-read"
    fn unit_read(pipe: u32, mailbox: u64, token: u32, max: u32) -> *mut u8 {
        let read = pipes::read::<Units>(pipe, waiter(mailbox, token), max);
        answer(Answer::from(read.map(|units| units.0 as u32)))
    }

    "unit-cancel-read"
    fn unit_cancel_read(pipe: u32) -> u32 {
        pipes::cancel_read::<Units>(pipe).0 as u32
    }

    // For JavaScript, which has `stream<u8>` as a pipe without payload too, with the bytes on its side.
    "unit-unread"
    fn unit_unread(pipe: u32, count: u32) -> u32 {
        u32::from(pipes::unread(pipe, Units(count as usize)))
    }

    "unit-write"
    fn unit_write(pipe: u32, mailbox: u64, token: u32, count: u32) -> *mut u8 {
        answer(Answer::from(pipes::write(pipe, waiter(mailbox, token), Units(count as usize))))
    }

    "unit-written"
    fn unit_written(pipe: u32, mailbox: u64, token: u32) -> *mut u8 {
        answer(Answer::from(pipes::written::<Units>(pipe, waiter(mailbox, token))))
    }

    "unit-cancel-write"
    fn unit_cancel_write(pipe: u32) -> u32 {
        pipes::cancel_write::<Units>(pipe)
    }

    "unit-take-back"
    fn unit_take_back(pipe: u32) -> u32 {
        pipes::take_back::<Units>(pipe).0 as u32
    }

    "unit-drop-reader"
    fn unit_drop_reader(pipe: u32) {
        pipes::drop_reader::<Units>(pipe)
    }

    "unit-drop-writer"
    fn unit_drop_writer(pipe: u32) {
        pipes::drop_writer::<Units>(pipe)
    }
}
