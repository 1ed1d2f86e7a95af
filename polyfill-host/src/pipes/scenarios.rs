//! The scenarios of `isyswasfa-core`, run on the host.

use isyswasfa_core::scenarios::{Result, Shell, run_all};
use isyswasfa_core::{Made, Outcome};

use super::{Chunk, Tables};
use crate::core::{Core, Limits};

struct Host {
    core: Core,
    pipes: Tables,
}

impl Host {
    fn new() -> Self {
        let core = Core::new(Limits::default());
        let pipes = Tables::new(10, core.budget());
        Host { core, pipes }
    }
}

/// What the trap says.
fn said<T>(result: wasmtime::Result<T>) -> Result<T> {
    result.map_err(|error| error.to_string())
}

fn bytes(chunk: Chunk) -> Vec<u8> {
    chunk.0.into()
}

impl Shell for Host {
    fn register(&mut self) -> Result<u64> {
        said(self.core.machine.register())
    }
    fn number(&mut self, component: u64) -> Result<u32> {
        said(self.core.machine.number(component))
    }
    fn mailbox(&mut self, component: u64) -> Result<u64> {
        said(self.core.machine.mailbox(component))
    }
    fn link(&mut self, component: u64, child: u32) -> Result<()> {
        said(self.core.machine.link(component, child))
    }
    fn name_function(&mut self, component: u64, name: &str) -> Result<u32> {
        said(self.core.machine.name_function(component, name))
    }
    fn make_task(&mut self, component: u64, function: u32, key: u32, poll: bool) -> Result<Made> {
        let task = said(self.core.machine.make_task(component, function, key, poll))?;
        Ok(Made {
            pending: task,
            task,
            origin: self.core.machine.origin(),
        })
    }
    fn complete(&mut self, component: u64, task: u32) -> Result<()> {
        said(self.core.machine.complete(component, task))
    }
    fn finish(&mut self, component: u64, function: u32, done: u32) -> Result<u32> {
        said(self.core.machine.finish(component, function, done))
    }
    fn subscribe(&mut self, pending: u32, component: u64, token: u32) -> Result<()> {
        said(self.core.machine.subscribe(pending, component, token))
    }
    fn cancel(&mut self, pending: u32) -> Result<u32> {
        let cancelled = said(self.core.machine.cancel(pending))?;
        Ok(self.core.end(cancelled))
    }
    fn drop_pending(&mut self, pending: u32) -> Result<()> {
        let cancelled = said(self.core.machine.drop_pending(pending))?;
        self.core.end(cancelled);
        Ok(())
    }
    fn wake(&mut self, component: u64) -> Result<()> {
        said(self.core.machine.wake(component))
    }
    fn post(&mut self, mailbox: u64, token: u32) -> Result<()> {
        said(self.core.machine.post(mailbox, token))
    }
    fn next_event(&mut self, component: u64) -> Result<u64> {
        said(self.core.machine.next_event(component))
    }
    fn origin(&mut self) -> Result<u64> {
        Ok(self.core.machine.origin())
    }
    fn set_origin(&mut self, origin: u64) -> Result<()> {
        self.core.machine.set_origin(origin);
        Ok(())
    }
    fn waits(&mut self, component: u64, task: Option<u32>, what: &str) -> Result<()> {
        said(self.core.machine.waits(component, task, what))
    }
    fn ask_what_waits(&mut self) -> Result<bool> {
        said(self.core.machine.ask_what_waits())
    }
    fn deadlock(&mut self) -> String {
        let (readers, writers) = self.pipes.waiters();
        self.core.machine.deadlock(readers, writers)
    }
    fn new_pipe(&mut self) -> Result<u32> {
        said(self.pipes.bytes.create())
    }
    fn read(&mut self, pipe: u32, mailbox: u64, token: u32, max: u32) -> Result<Outcome<Vec<u8>>> {
        let waiter = said(self.core.waiter(mailbox, token))?;
        let pipes = &mut self.pipes.bytes;
        let outcome = said(pipes.read(&mut self.core, pipe, waiter, max as usize))?;
        Ok(outcome.map(bytes))
    }
    fn cancel_read(&mut self, pipe: u32) -> Result<Vec<u8>> {
        said(self.pipes.bytes.cancel_read(pipe)).map(bytes)
    }
    fn unread(&mut self, pipe: u32, items: &[u8]) -> Result<bool> {
        said(self.pipes.bytes.unread(pipe, items.to_vec().into()))
    }
    fn write(&mut self, pipe: u32, mailbox: u64, token: u32, items: &[u8]) -> Result<Outcome<u32>> {
        let waiter = said(self.core.waiter(mailbox, token))?;
        let pipes = &mut self.pipes.bytes;
        let outcome = said(pipes.write(&mut self.core, pipe, waiter, items.to_vec().into()))?;
        Ok(outcome.map(|n| n as u32))
    }
    fn written(&mut self, pipe: u32, mailbox: u64, token: u32) -> Result<Outcome<u32>> {
        let waiter = said(self.core.waiter(mailbox, token))?;
        let outcome = said(self.pipes.bytes.written(&mut self.core, pipe, waiter))?;
        Ok(outcome.map(|n| n as u32))
    }
    fn cancel_write(&mut self, pipe: u32) -> Result<u32> {
        said(self.pipes.bytes.cancel_write(pipe)).map(|n| n as u32)
    }
    fn take_back(&mut self, pipe: u32) -> Result<Vec<u8>> {
        said(self.pipes.bytes.take_back(pipe)).map(bytes)
    }
    fn drop_reader(&mut self, pipe: u32) -> Result<()> {
        said(self.pipes.bytes.drop_reader(&mut self.core, pipe))
    }
    fn drop_writer(&mut self, pipe: u32) -> Result<()> {
        said(self.pipes.bytes.drop_writer(&mut self.core, pipe))
    }
}

#[test]
fn every_script() {
    run_all(Host::new);
}
