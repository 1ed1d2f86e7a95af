//! The scripts on the machine itself.
#![cfg(test)]

use alloc::collections::VecDeque;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::convert::Infallible;

use slab::Slab;

use super::{Result, Shell};
use crate::{Dropped, Ends, Fault, Kind, Machine, Made, Outcome, Policy, SPINS, Waiter};

/// A policy with limits, which a test sets.
struct Limited {
    events: usize,
    components: usize,
    /// What was warned of.
    warned: Vec<String>,
}

impl Policy for Limited {
    type Error = Refused;
    type Call = u32;
    type Work = u32;
    type Output = &'static str;

    fn secret(&mut self, seed: u64) -> u64 {
        (seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }

    fn admit(&mut self, kind: Kind, held: usize) -> core::result::Result<(), Refused> {
        let max = match kind {
            Kind::Component => self.components,
            Kind::Event => self.events,
            Kind::Function | Kind::Task => usize::MAX,
        };
        if held >= max {
            return Err(Refused("too many".to_string()));
        }
        Ok(())
    }

    fn call_done(&mut self, call: u32) {
        self.warned.push(call.to_string());
    }

    fn warn(&mut self, text: &str) {
        self.warned.push(text.to_string());
    }
}

#[derive(Debug, PartialEq)]
struct Refused(String);

impl From<Fault> for Refused {
    fn from(fault: Fault) -> Self {
        Refused(fault.to_string())
    }
}

impl From<Refused> for String {
    fn from(Refused(text): Refused) -> Self {
        text
    }
}

struct Bare {
    machine: Machine<Limited>,
    pipes: Slab<Ends<VecDeque<u8>, Waiter<Infallible>>>,
}

impl Bare {
    fn new() -> Self {
        Bare::with(usize::MAX, usize::MAX)
    }

    fn with(components: usize, events: usize) -> Self {
        let policy = Limited {
            events,
            components,
            warned: Vec::new(),
        };
        Bare {
            machine: Machine::new(policy),
            pipes: Slab::new(),
        }
    }

    fn ends(&mut self, pipe: u32) -> Result<&mut Ends<VecDeque<u8>, Waiter<Infallible>>> {
        let ends = self.pipes.get_mut(pipe as usize);
        ends.ok_or_else(|| Fault::UnknownPipe(pipe).to_string())
    }

    fn dropped(
        &mut self,
        pipe: u32,
        dropped: Dropped<VecDeque<u8>, Waiter<Infallible>>,
    ) -> Result<()> {
        if self.ends(pipe)?.is_over() {
            self.pipes.remove(pipe as usize);
        }
        Ok(self.machine.notify(dropped.wake)?)
    }
}

impl Shell for Bare {
    fn register(&mut self) -> Result<u64> {
        Ok(self.machine.register()?)
    }
    fn number(&mut self, component: u64) -> Result<u32> {
        Ok(self.machine.number(component)?)
    }
    fn mailbox(&mut self, component: u64) -> Result<u64> {
        Ok(self.machine.mailbox(component)?)
    }
    fn link(&mut self, component: u64, child: u32) -> Result<()> {
        Ok(self.machine.link(component, child)?)
    }
    fn name_function(&mut self, component: u64, name: &str) -> Result<u32> {
        Ok(self.machine.name_function(component, name)?)
    }
    fn make_task(&mut self, component: u64, function: u32, key: u32, poll: bool) -> Result<Made> {
        let task = self.machine.make_task(component, function, key, poll)?;
        Ok(Made {
            pending: task,
            task,
            origin: self.machine.origin(),
        })
    }
    fn complete(&mut self, component: u64, task: u32) -> Result<()> {
        Ok(self.machine.complete(component, task)?)
    }
    fn finish(&mut self, component: u64, function: u32, done: u32) -> Result<u32> {
        Ok(self.machine.finish(component, function, done)?)
    }
    fn subscribe(&mut self, pending: u32, component: u64, token: u32) -> Result<()> {
        Ok(self.machine.subscribe(pending, component, token)?)
    }
    fn cancel(&mut self, pending: u32) -> Result<u32> {
        Ok(self.machine.cancel(pending)?.number())
    }
    fn drop_pending(&mut self, pending: u32) -> Result<()> {
        self.machine.drop_pending(pending)?;
        Ok(())
    }
    fn wake(&mut self, component: u64) -> Result<()> {
        Ok(self.machine.wake(component)?)
    }
    fn post(&mut self, mailbox: u64, token: u32) -> Result<()> {
        Ok(self.machine.post(mailbox, token)?)
    }
    fn next_event(&mut self, component: u64) -> Result<u64> {
        Ok(self.machine.next_event(component)?)
    }
    fn origin(&mut self) -> Result<u64> {
        Ok(self.machine.origin())
    }
    fn set_origin(&mut self, origin: u64) -> Result<()> {
        self.machine.set_origin(origin);
        Ok(())
    }
    fn waits(&mut self, component: u64, task: Option<u32>, what: &str) -> Result<()> {
        Ok(self.machine.waits(component, task, what)?)
    }
    fn ask_what_waits(&mut self) -> Result<bool> {
        Ok(self.machine.ask_what_waits()?)
    }
    fn deadlock(&mut self) -> String {
        let (mut readers, mut writers) = (Vec::new(), Vec::new());
        for (_, ends) in &self.pipes {
            let (reader, writer) = ends.pipe.waiters();
            for (waiter, waiters) in [(reader, &mut readers), (writer, &mut writers)] {
                if let Some(Waiter::Guest { component, .. }) = waiter {
                    waiters.push(*component);
                }
            }
        }
        self.machine.deadlock(readers, writers)
    }
    fn new_pipe(&mut self) -> Result<u32> {
        Ok(self.pipes.insert(Ends::default()) as u32)
    }
    fn read(&mut self, pipe: u32, mailbox: u64, token: u32, max: u32) -> Result<Outcome<Vec<u8>>> {
        let waiter = self.machine.waiter(mailbox, token)?;
        let (outcome, wake) = self.ends(pipe)?.pipe.read(max as usize, waiter);
        self.machine.notify(wake)?;
        Ok(outcome.map(Vec::from))
    }
    fn cancel_read(&mut self, pipe: u32) -> Result<Vec<u8>> {
        Ok(self.ends(pipe)?.pipe.cancel_read().into())
    }
    fn unread(&mut self, pipe: u32, items: &[u8]) -> Result<bool> {
        Ok(self.ends(pipe)?.pipe.unread(items.to_vec().into()))
    }
    fn write(&mut self, pipe: u32, mailbox: u64, token: u32, items: &[u8]) -> Result<Outcome<u32>> {
        let waiter = self.machine.waiter(mailbox, token)?;
        let written = self.ends(pipe)?.write(items.to_vec().into(), waiter);
        let (_, outcome, wake) = written.map_err(|fault| fault.to_string())?;
        self.machine.notify(wake)?;
        Ok(outcome.map(|n| n as u32))
    }
    fn written(&mut self, pipe: u32, mailbox: u64, token: u32) -> Result<Outcome<u32>> {
        let waiter = self.machine.waiter(mailbox, token)?;
        let (outcome, wake) = self.ends(pipe)?.pipe.written(waiter);
        self.machine.notify(wake)?;
        Ok(outcome.map(|n| n as u32))
    }
    fn cancel_write(&mut self, pipe: u32) -> Result<u32> {
        Ok(self.ends(pipe)?.pipe.cancel_write() as u32)
    }
    fn take_back(&mut self, pipe: u32) -> Result<Vec<u8>> {
        Ok(self.ends(pipe)?.pipe.take_back().into())
    }
    fn drop_reader(&mut self, pipe: u32) -> Result<()> {
        let dropped = self.ends(pipe)?.drop_reader();
        self.dropped(pipe, dropped)
    }
    fn drop_writer(&mut self, pipe: u32) -> Result<()> {
        let dropped = self.ends(pipe)?.drop_writer();
        self.dropped(pipe, dropped)
    }
}

#[test]
fn every_script() {
    super::run_all(Bare::new);
}

#[test]
fn limits_are_the_policy_s() {
    let mut bare = Bare::with(1, 2);
    let machine = &mut bare.machine;
    let key = machine.register().unwrap();
    assert!(machine.register().is_err());
    let mailbox = machine.mailbox(key).unwrap();
    machine.post(mailbox, 1).unwrap();
    machine.post(mailbox, 2).unwrap();
    assert!(machine.post(mailbox, 3).is_err());
}

#[test]
fn a_component_that_only_wakes_itself_is_noticed_once() {
    let mut bare = Bare::new();
    let machine = &mut bare.machine;
    let key = machine.register().unwrap();
    let mailbox = machine.mailbox(key).unwrap();
    let wakes = |machine: &mut Machine<Limited>, times: u32| {
        for _ in 0..times {
            machine.wake(key).unwrap();
        }
        machine.policy.warned.len()
    };
    assert_eq!(wakes(machine, SPINS - 1), 0);
    machine.post(mailbox, 7).unwrap();
    assert_eq!(wakes(machine, SPINS - 1), 0);
    let function = machine.name_function(key, "f").unwrap();
    machine.make_task(key, function, 1, false).unwrap();
    assert_eq!(wakes(machine, SPINS - 1), 0);
    assert_eq!(wakes(machine, 2 * SPINS), 1);
    assert!(machine.policy.warned[0].contains("in `f`, and nothing else"));
}

#[test]
fn a_root_is_entered_once_and_only_for_events_it_has_not_taken() {
    let mut bare = Bare::new();
    let machine = &mut bare.machine;
    let [a, b] = [(); 2].map(|()| machine.register().unwrap());
    let mailbox = machine.mailbox(b).unwrap();
    let roots = |machine: &mut Machine<Limited>| {
        let mut roots = Vec::new();
        machine.take_roots(&mut roots);
        assert!(!machine.has_roots());
        roots
    };
    machine.post(mailbox, 1).unwrap();
    assert!(machine.has_roots());
    machine.next_event(b).unwrap();
    assert_eq!(roots(machine), []);

    machine.post(mailbox, 1).unwrap();
    machine.next_event(b).unwrap();
    machine.post(mailbox, 2).unwrap();
    assert_eq!(roots(machine), [2]);

    // Who has an importer is entered by that.
    machine.next_event(b).unwrap();
    machine.post(mailbox, 3).unwrap();
    machine.link(a, 2).unwrap();
    assert_eq!(roots(machine), [1]);
}

#[test]
fn a_cancelled_task_alone_enters_no_root() {
    let mut bare = Bare::new();
    let machine = &mut bare.machine;
    let key = machine.register().unwrap();
    let function = machine.name_function(key, "f").unwrap();
    let task = machine.make_task(key, function, 1, false).unwrap();
    machine.cancel(task).unwrap();
    assert!(!machine.has_roots() && machine.has_events(key) == Ok(false));
}

#[test]
fn work_of_the_host_s_is_a_task_like_any_other() {
    let mut bare = Bare::new();
    let machine = &mut bare.machine;
    let key = machine.register().unwrap();
    let task = machine.make_work_task(5, "host").unwrap();
    let said = machine.finish_work(task).unwrap_err().0;
    assert!(
        said.contains("asked of the host, but it is not done"),
        "{said}"
    );
    machine.subscribe(task, key, 7).unwrap();
    machine.complete_work(task, "output").unwrap();
    assert_eq!(machine.next_event(key), Ok(7));
    let function = machine.name_function(key, "f").unwrap();
    let said = machine.finish(key, function, task).unwrap_err().0;
    assert!(said.contains("of another component"), "{said}");
    assert_eq!(machine.finish_work(task), Ok("output"));
    assert_eq!(machine.task_count(), 0);

    // Cancelled, its work ends; done, there is none.
    let task = machine.make_work_task(6, "host").unwrap();
    assert_eq!(machine.cancel(task), Ok(crate::Cancelled::Work(6)));
    let task = machine.make_work_task(7, "host").unwrap();
    machine.complete_work(task, "").unwrap();
    assert_eq!(machine.drop_pending(task), Ok(crate::Cancelled::Nothing));
    assert_eq!(machine.task_count(), 0);
}

#[test]
fn a_call_of_the_host_s_is_told_by_the_policy() {
    let mut bare = Bare::new();
    let machine = &mut bare.machine;
    let key = machine.register().unwrap();
    let function = machine.name_function(key, "f").unwrap();
    let task = machine.make_task(key, function, 1, false).unwrap();
    assert_eq!(machine.subscribe_call(task, 42), Ok(false));
    machine.complete(key, task).unwrap();
    assert_eq!(machine.policy.warned, ["42"]);
    assert_eq!(machine.subscribe_call(task, 42), Ok(true));
}
