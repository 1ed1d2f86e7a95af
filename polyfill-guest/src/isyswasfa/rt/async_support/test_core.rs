//! A core for tests on the build machine: the functions of `isyswasfa:core/tasks`, for one component that calls itself, and a
//! pipe of strings and of handles.

use super::cabi::Made;
use super::own_pipe::{self, OwnPipe, Waiter};
use super::pipe::Pipe;
use super::stream::StreamVtable;
use std::alloc::Layout;
use std::cell::RefCell;
use std::collections::{BTreeMap, VecDeque};

const KEY: u64 = 0x5eed;
const MAILBOX: u64 = KEY + 1;

thread_local! {
    static CORE: RefCell<Core> = RefCell::default();
}

/// What the core knows.
#[derive(Default)]
pub struct Core {
    events: VecDeque<u32>,
    /// The keys of tasks that were cancelled, and whether the component is entered for them alone.
    cancels: VecDeque<u32>,
    only_cancels: bool,
    /// Whether the component is to tell what its tasks wait for, and what it has told.
    pub asked: bool,
    pub waits: Vec<(Option<u32>, String)>,
    /// The tasks by their numbers, which are those of their `pending` handles as well.
    tasks: BTreeMap<u32, Task>,
    next: u32,
    /// How often the component asked to be polled.
    pub wakes: u32,
    /// Whether it has since it took its events.
    awake: bool,
    /// Whose code runs.
    pub origin: u64,
    /// The representations behind the handles of pipes' ends.
    ends: BTreeMap<u32, usize>,
}

struct Task {
    function: u32,
    key: u32,
    done: bool,
    subscriber: Option<u32>,
}

/// Looks at the core.
pub fn with<R>(f: impl FnOnce(&mut Core) -> R) -> R {
    CORE.with_borrow_mut(f)
}

impl Core {
    /// How many tasks wait for their callers or for themselves.
    pub fn tasks(&self) -> usize {
        self.tasks.len()
    }

    /// How many ends of pipes are not dropped.
    pub fn ends(&self) -> usize {
        self.ends.len()
    }

    fn check(component: u64) {
        assert_eq!(component, KEY, "a wrong component key");
    }
}

pub unsafe fn register() -> u64 {
    KEY
}

pub unsafe fn number(component: u64) -> u32 {
    Core::check(component);
    1
}

pub unsafe fn mailbox(component: u64) -> u64 {
    Core::check(component);
    MAILBOX
}

pub unsafe fn link(component: u64, _child: u32) {
    Core::check(component);
}

pub unsafe fn name_function(component: u64, name: *const u8, len: usize) -> u32 {
    Core::check(component);
    let name = unsafe { std::slice::from_raw_parts(name, len) };
    // Any number that another name doesn't get.
    name.iter()
        .fold(1, |number, byte| number * 31 + u32::from(*byte))
}

pub unsafe fn make_task(component: u64, function: u32, key: u32, poll: bool, ret: *mut u8) {
    Core::check(component);
    let made = with(|core| {
        core.next += 1;
        let task = Task {
            function,
            key,
            done: false,
            subscriber: None,
        };
        core.tasks.insert(core.next, task);
        core.wakes += u32::from(poll);
        Made {
            pending: core.next,
            task: core.next,
            origin: core.origin,
        }
    });
    unsafe { ret.cast::<Made>().write(made) }
}

pub unsafe fn complete(component: u64, task: u32) {
    Core::check(component);
    with(|core| {
        // The caller may be gone, and the callee not have heard of it yet.
        if let Some(task) = core.tasks.get_mut(&task) {
            assert!(!task.done, "a task completes once");
            task.done = true;
            core.events.extend(task.subscriber);
        }
    });
}

pub unsafe fn finish(component: u64, function: u32, done: u32) -> u32 {
    Core::check(component);
    with(|core| {
        let task = core.tasks.remove(&done).expect("a handle of a task");
        assert_eq!(task.function, function, "a task of another function");
        assert!(
            task.done,
            "only the result of a task that is done is fetched"
        );
        task.key
    })
}

pub unsafe fn subscribe(task: u32, component: u64, token: u32) {
    Core::check(component);
    with(|core| {
        let task = core.tasks.get_mut(&task).expect("a handle of a task");
        match task.done {
            true => core.events.push_back(token),
            false => task.subscriber = Some(token),
        }
    });
}

pub unsafe fn wake(component: u64) {
    Core::check(component);
    with(|core| {
        core.wakes += 1;
        core.awake = true;
    });
}

pub unsafe fn post(mailbox: u64, token: u32) {
    assert_eq!(mailbox, MAILBOX, "a wrong mailbox");
    with(|core| core.events.push_back(token));
}

pub unsafe fn origin() -> u64 {
    with(|core| core.origin)
}

pub unsafe fn set_origin(origin: u64) {
    with(|core| core.origin = origin);
}

pub unsafe fn next_event(component: u64) -> u64 {
    Core::check(component);
    with(|core| {
        if core.only_cancels {
            return match core.cancels.pop_front() {
                Some(key) => 1 << 32 | 1 << 30 | u64::from(key),
                None => {
                    core.only_cancels = false;
                    3 << 30 | 1
                }
            };
        }
        core.awake = core.events.len() > 1;
        match core.events.pop_front() {
            Some(event) => (core.events.len() as u64) << 32 | u64::from(event),
            None if std::mem::take(&mut core.asked) => 3 << 30 | 2,
            None => 3 << 30,
        }
    })
}

pub unsafe fn waits(component: u64, has_task: bool, task: u32, what: *const u8, len: usize) {
    Core::check(component);
    let what = String::from_utf8(unsafe { std::slice::from_raw_parts(what, len) }.to_vec());
    let task = has_task.then_some(task);
    with(|core| core.waits.push((task, what.expect("text"))));
}

pub unsafe fn wait(component: u64) {
    Core::check(component);
    with(|core| {
        let is_there = core.awake || !core.events.is_empty();
        assert!(is_there, "this would block forever");
    });
}

pub unsafe fn cancel(handle: u32) -> u32 {
    with(|core| {
        let task = core.tasks.remove(&handle).expect("a handle of a task");
        core.cancels.push_back(task.key);
        core.only_cancels = true;
    });
    1
}

/// A handle of an end of a pipe.
pub fn new_end(rep: *mut u8) -> u32 {
    with(|core| {
        core.next += 1;
        core.ends.insert(core.next, rep.expose_provenance());
        core.next
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
    match FOREIGN {
        true => Waiter::Foreign { component, token },
        false => Waiter::Own(token),
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
