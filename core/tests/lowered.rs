//! The scripts on the core of lowered components: on its exported functions, compiled for the build machine.

#![allow(
    dead_code,
    reason = "a component has more: what blocks, and other pipes"
)]

#[path = "../../lower/core/src/abi.rs"]
mod abi;
#[path = "../../lower/core/src/exports.rs"]
mod exports;
#[path = "../../lower/core/src/items.rs"]
mod items;
#[path = "../../lower/core/src/memory.rs"]
mod memory;
#[path = "../../lower/core/src/pipe_exports.rs"]
mod pipe_exports;
#[path = "../../lower/core/src/pipes.rs"]
mod pipes;
#[path = "../../lower/core/src/policy.rs"]
mod policy;
#[path = "../../lower/core/src/pollables.rs"]
mod pollables;
#[path = "../../lower/core/src/state.rs"]
mod state;
#[path = "../../lower/core/src/trap.rs"]
mod trap;

use crate::exports::*;
use crate::memory::cabi_realloc;
use crate::pipe_exports::pipe_new;
use crate::state::{deadlock, with};
use isyswasfa_core::scenarios::{Result, Shell, run_all};
use isyswasfa_core::{Answer, List, Made, Outcome};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A handle of a `pending` is dropped, so its destructor is called.
fn dropped(pending: u32) {
    exports::drop_pending(pending);
}

struct Lowered;

/// What a function comes to, or what the trap says.
fn said<T>(call: impl FnOnce() -> T) -> Result<T> {
    catch_unwind(AssertUnwindSafe(call)).map_err(|panic| {
        let text = panic.downcast::<String>().expect("a trap says why");
        *text
    })
}

/// What a function has answered through memory.
fn answered<T: Copy>(answer: *mut u8) -> T {
    // SAFETY: a test reads each answer as what the function answers.
    unsafe { answer.cast::<T>().read() }
}

fn outcome<T: Copy>(answer: *mut u8) -> Outcome<T> {
    // SAFETY: as above.
    unsafe { answered::<Answer<T>>(answer).into_outcome() }
}

/// The bytes of a list that was answered, which are there until the next.
fn bytes(List { ptr, len }: List) -> Vec<u8> {
    // SAFETY: the list has that many bytes.
    unsafe { std::slice::from_raw_parts(ptr, len) }.to_vec()
}

/// A list as the canonical ABI passes it.
fn passed(bytes: &[u8]) -> (*mut u8, usize) {
    // SAFETY: there is room for the bytes.
    unsafe {
        let ptr = cabi_realloc(std::ptr::null_mut(), 0, 1, bytes.len());
        ptr.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
        (ptr, bytes.len())
    }
}

impl Shell for Lowered {
    fn register(&mut self) -> Result<u64> {
        said(|| register())
    }
    fn number(&mut self, component: u64) -> Result<u32> {
        said(|| number(component))
    }
    fn mailbox(&mut self, component: u64) -> Result<u64> {
        said(|| mailbox(component))
    }
    fn link(&mut self, component: u64, child: u32) -> Result<()> {
        said(|| link(component, child))
    }
    fn name_function(&mut self, component: u64, name: &str) -> Result<u32> {
        let (ptr, len) = passed(name.as_bytes());
        said(|| name_function(component, ptr, len))
    }
    fn make_task(&mut self, component: u64, function: u32, key: u32, poll: bool) -> Result<Made> {
        said(|| answered(make_task(component, function, key, poll.into())))
    }
    fn complete(&mut self, component: u64, task: u32) -> Result<()> {
        said(|| complete(component, task))
    }
    fn finish(&mut self, component: u64, function: u32, done: u32) -> Result<u32> {
        said(|| finish(component, function, done))
    }
    fn subscribe(&mut self, pending: u32, component: u64, token: u32) -> Result<()> {
        said(|| subscribe(pending, component, token))
    }
    fn cancel(&mut self, pending: u32) -> Result<u32> {
        said(|| cancel(pending))
    }
    fn drop_pending(&mut self, pending: u32) -> Result<()> {
        said(|| drop_pending(pending))
    }
    fn wake(&mut self, component: u64) -> Result<()> {
        said(|| wake(component))
    }
    fn post(&mut self, mailbox: u64, token: u32) -> Result<()> {
        said(|| post(mailbox, token))
    }
    fn next_event(&mut self, component: u64) -> Result<u64> {
        said(|| next_event(component))
    }
    fn origin(&mut self) -> Result<u64> {
        said(|| origin())
    }
    fn set_origin(&mut self, origin: u64) -> Result<()> {
        said(|| set_origin(origin))
    }
    fn waits(&mut self, component: u64, task: Option<u32>, what: &str) -> Result<()> {
        let (ptr, len) = passed(what.as_bytes());
        let (has_task, task) = (task.is_some().into(), task.unwrap_or_default());
        said(|| waits(component, has_task, task, ptr, len))
    }
    fn ask_what_waits(&mut self) -> Result<bool> {
        said(|| with(|core| core.machine.ask_what_waits()))
    }
    fn deadlock(&mut self) -> String {
        deadlock()
    }
    fn new_pipe(&mut self) -> Result<u32> {
        said(|| pipe_new())
    }
    fn read(&mut self, pipe: u32, mailbox: u64, token: u32, max: u32) -> Result<Outcome<Vec<u8>>> {
        said(|| outcome::<List>(bytes_read(pipe, mailbox, token, max)).map(bytes))
    }
    fn cancel_read(&mut self, pipe: u32) -> Result<Vec<u8>> {
        said(|| bytes(answered(bytes_cancel_read(pipe))))
    }
    fn unread(&mut self, pipe: u32, items: &[u8]) -> Result<bool> {
        let (ptr, len) = passed(items);
        said(|| bytes_unread(pipe, ptr, len) != 0)
    }
    fn write(&mut self, pipe: u32, mailbox: u64, token: u32, items: &[u8]) -> Result<Outcome<u32>> {
        let (ptr, len) = passed(items);
        said(|| outcome(bytes_write(pipe, mailbox, token, ptr, len)))
    }
    fn written(&mut self, pipe: u32, mailbox: u64, token: u32) -> Result<Outcome<u32>> {
        said(|| outcome(bytes_written(pipe, mailbox, token)))
    }
    fn cancel_write(&mut self, pipe: u32) -> Result<u32> {
        said(|| bytes_cancel_write(pipe))
    }
    fn take_back(&mut self, pipe: u32) -> Result<Vec<u8>> {
        said(|| bytes(answered(bytes_take_back(pipe))))
    }
    fn drop_reader(&mut self, pipe: u32) -> Result<()> {
        said(|| bytes_drop_reader(pipe))
    }
    fn drop_writer(&mut self, pipe: u32) -> Result<()> {
        said(|| bytes_drop_writer(pipe))
    }
}

#[test]
fn every_script() {
    run_all(|| Lowered);
}
