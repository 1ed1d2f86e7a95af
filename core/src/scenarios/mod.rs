//! What every core does, as scripts: tests run them on the bare machine, on the host, and on the core of lowered components.

extern crate std;

mod bare;
mod cancelling;
mod events;
mod misuse;
mod pipes;
mod tasks;

use alloc::string::String;
use alloc::vec::Vec;
use std::thread;

use crate::{Event, Made, Next, Outcome, take_apart};

/// What a function comes to: an error is what the guest's trap says.
pub type Result<T> = core::result::Result<T, String>;

/// A core, with no component yet. The functions are those of `isyswasfa:core/tasks` and `bytes`; a handle is passed as the canonical
/// ABI passes it to the core.
#[expect(missing_docs, reason = "as in `core.wit`")]
pub trait Shell {
    fn register(&mut self) -> Result<u64>;
    fn number(&mut self, component: u64) -> Result<u32>;
    fn mailbox(&mut self, component: u64) -> Result<u64>;
    fn link(&mut self, component: u64, child: u32) -> Result<()>;
    fn name_function(&mut self, component: u64, name: &str) -> Result<u32>;
    fn make_task(&mut self, component: u64, function: u32, key: u32, poll: bool) -> Result<Made>;
    fn complete(&mut self, component: u64, task: u32) -> Result<()>;
    fn finish(&mut self, component: u64, function: u32, done: u32) -> Result<u32>;
    fn subscribe(&mut self, pending: u32, component: u64, token: u32) -> Result<()>;
    fn cancel(&mut self, pending: u32) -> Result<u32>;
    fn drop_pending(&mut self, pending: u32) -> Result<()>;
    fn wake(&mut self, component: u64) -> Result<()>;
    fn post(&mut self, mailbox: u64, token: u32) -> Result<()>;
    fn next_event(&mut self, component: u64) -> Result<u64>;
    fn origin(&mut self) -> Result<u64>;
    fn set_origin(&mut self, origin: u64) -> Result<()>;
    fn waits(&mut self, component: u64, task: Option<u32>, what: &str) -> Result<()>;

    /// Asks all components what their tasks wait for, as a core does whose guests all wait.
    fn ask_what_waits(&mut self) -> Result<bool>;
    /// What a core says when nobody can go on.
    fn deadlock(&mut self) -> String;

    /// The representation of both ends of a new pipe of bytes.
    fn new_pipe(&mut self) -> Result<u32>;
    fn read(&mut self, pipe: u32, mailbox: u64, token: u32, max: u32) -> Result<Outcome<Vec<u8>>>;
    fn cancel_read(&mut self, pipe: u32) -> Result<Vec<u8>>;
    fn unread(&mut self, pipe: u32, items: &[u8]) -> Result<bool>;
    fn write(&mut self, pipe: u32, mailbox: u64, token: u32, items: &[u8]) -> Result<Outcome<u32>>;
    fn written(&mut self, pipe: u32, mailbox: u64, token: u32) -> Result<Outcome<u32>>;
    fn cancel_write(&mut self, pipe: u32) -> Result<u32>;
    fn take_back(&mut self, pipe: u32) -> Result<Vec<u8>>;
    fn drop_reader(&mut self, pipe: u32) -> Result<()>;
    fn drop_writer(&mut self, pipe: u32) -> Result<()>;
}

/// Runs every script on a core of its own, each on a thread: some cores are one for each thread.
///
/// # Panics
///
/// If a script fails, with the names of all that do.
pub fn run_all<S: Shell + 'static>(new: fn() -> S) {
    let scripts = tasks::all()
        .into_iter()
        .chain(cancelling::all())
        .chain(events::all())
        .chain(misuse::all())
        .chain(pipes::all());
    let mut failed = Vec::new();
    for (name, script) in scripts {
        let thread = thread::Builder::new().name(name.into());
        let thread = thread.spawn(move || script(&mut new()));
        if thread.expect("a thread").join().is_err() {
            failed.push(name);
        }
    }
    assert!(failed.is_empty(), "these failed: {failed:?}");
}

/// A script and its name.
type Script<S> = (&'static str, fn(&mut S));

/// The scripts of a module, by the names of their functions.
macro_rules! scripts {
    ($($script:ident)*) => {
        /// The scripts of this module.
        pub fn all<S: super::Shell>() -> alloc::vec::Vec<super::Script<S>> {
            alloc::vec![$((stringify!($script), $script as fn(&mut S))),*]
        }
    };
}
use scripts;

/// A component in a script.
#[derive(Clone, Copy)]
struct Component {
    key: u64,
    number: u32,
    mailbox: u64,
}

impl Component {
    fn new<S: Shell>(shell: &mut S) -> Component {
        let key = shell.register().unwrap();
        Component {
            key,
            number: shell.number(key).unwrap(),
            mailbox: shell.mailbox(key).unwrap(),
        }
    }

    /// Several.
    fn some<S: Shell, const N: usize>(shell: &mut S) -> [Component; N] {
        [(); N].map(|()| Component::new(shell))
    }

    fn next<S: Shell>(self, shell: &mut S) -> Next {
        take_apart(shell.next_event(self.key).unwrap()).0.next()
    }

    /// Its events, until there is none.
    fn events<S: Shell>(self, shell: &mut S) -> Vec<Event> {
        let mut events = Vec::new();
        loop {
            match self.next(shell) {
                Next::Event(event) => events.push(event),
                Next::Nothing => return events,
                other => panic!("expected an event or none, got {other:?}"),
            }
        }
    }
}

/// A call that two components have under way.
struct Call {
    caller: Component,
    callee: Component,
    function: u32,
    made: Made,
}

/// The callee's name for its task.
const KEY: u32 = 11;
/// The caller's for its wait.
const TOKEN: u32 = 7;

impl Call {
    /// The callee has made a task, for which the caller does not wait yet.
    fn new<S: Shell>(shell: &mut S) -> Call {
        let [caller, callee] = Component::some(shell);
        shell.link(caller.key, callee.number).unwrap();
        let function = shell.name_function(callee.key, "f").unwrap();
        let made = shell.make_task(callee.key, function, KEY, false).unwrap();
        Call {
            caller,
            callee,
            function,
            made,
        }
    }
}

/// What a trap says.
#[track_caller]
fn refused<T: core::fmt::Debug>(result: Result<T>, says: &str) {
    let said = result.expect_err(says);
    assert!(said.contains(says), "expected `{says}`, got `{said}`");
}
