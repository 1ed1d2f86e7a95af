//! A core for tests on the build machine: the functions of `isyswasfa:core/tasks`, for one component that calls itself, around the
//! state machine of every core; and a pipe of strings and of handles.

use super::own_pipe::{self, OwnPipe, Waiter};
use super::pipe::Pipe;
use super::stream::StreamVtable;
use isyswasfa_core::{Fault, Machine, Made, Policy};
use std::alloc::Layout;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Mutex;

thread_local! {
    static CORE: RefCell<Core> = RefCell::default();
}

/// The functions of the component. Their numbers are kept in statics of the component, which outlive the core of a test.
static NAMES: Mutex<Vec<String>> = Mutex::new(Vec::new());

/// What the core knows.
pub struct Core {
    machine: Machine<Test>,
    /// How many of [`NAMES`] the machine has.
    named: usize,
    /// How often the component asked to be polled.
    pub wakes: u32,
    /// The last handle of an end.
    last: u32,
    /// The representations behind the handles of pipes' ends.
    ends: BTreeMap<u32, usize>,
}

impl Default for Core {
    fn default() -> Self {
        Core {
            machine: Machine::new(Test),
            named: 0,
            wakes: 0,
            last: 0,
            ends: BTreeMap::new(),
        }
    }
}

/// A test fails where a guest traps.
struct Test;

#[derive(Debug)]
enum Failed {}

impl From<Fault> for Failed {
    fn from(fault: Fault) -> Self {
        panic!("{fault}")
    }
}

impl Policy for Test {
    type Error = Failed;
    type Call = Infallible;
    type Work = Infallible;
    type Output = Infallible;

    fn secret(&mut self, seed: u64) -> u64 {
        (seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }

    fn call_done(&mut self, call: Infallible) {
        match call {}
    }

    fn warn(&mut self, text: &str) {
        panic!("{text}")
    }
}

/// Looks at the core.
pub fn with<R>(f: impl FnOnce(&mut Core) -> R) -> R {
    CORE.with_borrow_mut(f)
}

/// Does something with the state machine.
fn machine<R>(f: impl FnOnce(&mut Machine<Test>) -> Result<R, Failed>) -> R {
    let Ok(done) = with(|core| f(&mut core.machine));
    done
}

impl Core {
    /// How many tasks wait for their callers or for themselves.
    pub fn tasks(&self) -> usize {
        self.machine.task_count()
    }

    /// How many ends of pipes are not dropped.
    pub fn ends(&self) -> usize {
        self.ends.len()
    }
}

pub unsafe fn register() -> u64 {
    machine(Machine::register)
}

pub unsafe fn number(component: u64) -> u32 {
    machine(|machine| machine.number(component))
}

pub unsafe fn mailbox(component: u64) -> u64 {
    machine(|machine| machine.mailbox(component))
}

pub unsafe fn link(component: u64, _child: u32) {
    // It calls itself, and is polled by the test.
    machine(|machine| machine.number(component));
}

pub unsafe fn name_function(component: u64, name: *const u8, len: usize) -> u32 {
    machine(|machine| machine.number(component));
    let name = unsafe { text(name, len) };
    let mut names = NAMES.lock().expect("no test fails meanwhile");
    let known = names.iter().position(|known| *known == name);
    let place = known.unwrap_or_else(|| {
        names.push(name);
        names.len() - 1
    });
    place as u32 + 1
}

/// A handle is one more than the task: never 0.
fn place_of(pending: u32) -> u32 {
    pending - 1
}

pub unsafe fn make_task(component: u64, function: u32, key: u32, poll: bool, ret: *mut u8) {
    let names = NAMES.lock().expect("no test fails meanwhile").clone();
    let made = with(|core| {
        for name in &names[core.named..] {
            let Ok(_) = core.machine.name_function(component, name);
        }
        core.named = names.len();
        let Ok(task) = core.machine.make_task(component, function, key, poll);
        core.wakes += u32::from(poll);
        Made {
            pending: task + 1,
            task,
            origin: core.machine.origin(),
        }
    });
    unsafe { ret.cast::<Made>().write(made) }
}

pub unsafe fn complete(component: u64, task: u32) {
    machine(|machine| machine.complete(component, task))
}

pub unsafe fn finish(component: u64, function: u32, done: u32) -> u32 {
    machine(|machine| machine.finish(component, function, place_of(done)))
}

pub unsafe fn subscribe(task: u32, component: u64, token: u32) {
    machine(|machine| machine.subscribe(place_of(task), component, token))
}

pub unsafe fn wake(component: u64) {
    machine(|machine| machine.wake(component));
    with(|core| core.wakes += 1);
}

pub unsafe fn post(mailbox: u64, token: u32) {
    machine(|machine| machine.post(mailbox, token))
}

pub unsafe fn origin() -> u64 {
    with(|core| core.machine.origin())
}

pub unsafe fn set_origin(origin: u64) {
    with(|core| core.machine.set_origin(origin));
}

pub unsafe fn next_event(component: u64) -> u64 {
    machine(|machine| machine.next_event(component))
}

pub unsafe fn waits(component: u64, has_task: bool, task: u32, what: *const u8, len: usize) {
    let what = unsafe { text(what, len) };
    let task = has_task.then_some(task);
    machine(|machine| machine.waits(component, task, &what))
}

pub unsafe fn wait(component: u64) {
    let is_there = machine(|machine| machine.has_events(component));
    assert!(is_there, "this would block forever");
}

pub unsafe fn cancel(handle: u32) -> u32 {
    machine(|machine| machine.cancel(place_of(handle))).number()
}

unsafe fn text(ptr: *const u8, len: usize) -> String {
    let text = unsafe { std::slice::from_raw_parts(ptr, len) };
    String::from_utf8(text.to_vec()).expect("text")
}

/// A handle of an end of a pipe.
pub fn new_end(rep: *mut u8) -> u32 {
    with(|core| {
        core.last += 1;
        core.ends.insert(core.last, rep.expose_provenance());
        core.last
    })
}

fn rep(end: u32) -> *mut u8 {
    std::ptr::with_exposed_provenance_mut(with(|core| core.ends[&end]))
}

fn take_rep(end: u32) -> *mut u8 {
    let rep = with(|core| core.ends.remove(&end)).expect("a handle of an end");
    std::ptr::with_exposed_provenance_mut(rep)
}

/// A waiter that goes through the core if `FOREIGN`, as another component would.
fn waiter<const FOREIGN: bool>(component: u64, token: u32) -> Waiter {
    if FOREIGN {
        Waiter::Foreign { component, token }
    } else {
        Waiter::Own(token)
    }
}

/// The raw functions of a pipe, but for `new`, which each kind has of its own.
pub const fn pipe<const FOREIGN: bool>() -> Pipe {
    Pipe {
        name: "stream<t>",
        link: || (),
        new: |_| unreachable!("each kind has its own"),
        read: |reader, component, token, max, ret| unsafe {
            own_pipe::read(rep(reader), waiter::<FOREIGN>(component, token), max, ret)
        },
        cancel_read: |reader, ret| unsafe { own_pipe::cancel_read(rep(reader), ret) },
        drop_reader: |reader| unsafe { own_pipe::drop_reader(take_rep(reader)) },
        write: |writer, component, token, items, count, ret| unsafe {
            let waiter = waiter::<FOREIGN>(component, token);
            own_pipe::write(rep(writer), waiter, items, count, ret)
        },
        written: |writer, component, token, ret| unsafe {
            own_pipe::written(rep(writer), waiter::<FOREIGN>(component, token), ret)
        },
        cancel_write: |writer| unsafe { own_pipe::cancel_write(rep(writer)) },
        take_back: |writer, ret| unsafe { own_pipe::take_back(rep(writer), ret) },
        drop_writer: |writer| unsafe { own_pipe::drop_writer(take_rep(writer)) },
        takes_lists: true,
    }
}

/// A pipe of bytes.
pub static BYTE: OwnPipe = OwnPipe {
    item: Layout::new::<u8>(),
    drop_item: |_| (),
    dealloc_lists: |_| (),
    new_reader: |rep| new_end(rep),
    new_writer: |rep| new_end(rep),
};

/// A stream of bytes, without a pipe.
pub const BYTES_VTABLE: StreamVtable<u8> = StreamVtable {
    pipe: &super::ABSENT_PIPE,
    layout: Layout::new::<u8>(),
    handles: false,
    lower: None,
    dealloc_lists: None,
    weigh_lists: None,
    lift: None,
};

/// A stream of bytes, whose ends are told through the core.
pub static BYTES: StreamVtable<u8> = {
    static PIPE: Pipe = Pipe {
        new: |ret| own_pipe::new(&BYTE, ret),
        ..pipe::<true>()
    };
    StreamVtable {
        pipe: &PIPE,
        ..BYTES_VTABLE
    }
};

/// Something with a handle, that counts.
#[derive(Debug)]
pub struct Counted(pub u32);

thread_local! {
    static COUNTED: RefCell<Vec<u32>> = const { RefCell::new(Vec::new()) };
}

impl Counted {
    /// A new one.
    pub fn new(number: u32) -> Counted {
        COUNTED.with_borrow_mut(|all| all.push(number));
        Counted(number)
    }

    /// How many there are, on their way or not.
    pub fn count() -> usize {
        COUNTED.with_borrow(Vec::len)
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        COUNTED.with_borrow_mut(|all| {
            let at = all.iter().position(|number| *number == self.0);
            all.remove(at.expect("dropped once"));
        });
    }
}

/// Lowers something with a handle.
pub unsafe fn lower(value: Counted, dst: *mut u8) {
    unsafe { dst.cast::<u32>().write(value.0) };
    std::mem::forget(value);
}

/// Lifts something with a handle.
pub unsafe fn lift(item: *mut u8) -> Counted {
    Counted(unsafe { item.cast::<u32>().read() })
}

/// A pipe of handles.
pub static HANDLE: OwnPipe = OwnPipe {
    item: Layout::new::<u32>(),
    drop_item: |item| drop(unsafe { lift(item) }),
    dealloc_lists: |_| (),
    new_reader: |rep| new_end(rep),
    new_writer: |rep| new_end(rep),
};

/// A stream of handles, without a pipe.
pub const HANDLES_VTABLE: StreamVtable<Counted> = StreamVtable {
    pipe: &super::ABSENT_PIPE,
    layout: Layout::new::<u32>(),
    handles: true,
    lower: Some(lower),
    dealloc_lists: Some(|_| ()),
    weigh_lists: Some(|_| ()),
    lift: Some(lift),
};

/// A stream of handles.
pub static HANDLES: StreamVtable<Counted> = {
    static PIPE: Pipe = Pipe {
        new: |ret| own_pipe::new(&HANDLE, ret),
        ..pipe::<false>()
    };
    StreamVtable {
        pipe: &PIPE,
        ..HANDLES_VTABLE
    }
};

/// A future of a handle.
pub static HANDLE_FUTURE: super::FutureVtable<Counted> = {
    static PIPE: Pipe = Pipe {
        new: |ret| own_pipe::new(&HANDLE, ret),
        ..pipe::<false>()
    };
    super::FutureVtable {
        pipe: &PIPE,
        layout: Layout::new::<u32>(),
        handles: true,
        lower,
        dealloc_lists: |_| (),
        lift,
    }
};
