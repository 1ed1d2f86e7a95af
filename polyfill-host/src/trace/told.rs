//! Passes each report of the core and its pipes to the part of the trace that shows it.

use isyswasfa_core::{Outcome, Step};
use wasmtime::WasmBacktrace;

use super::instance::InstanceTrace;
use super::stack::entries;
use crate::core::{PipeName, Trace, Waiter};

impl Trace for InstanceTrace {
    fn step(&mut self, step: Step<'_>) {
        match step {
            Step::Registered(number) => self.registered(number),
            Step::Linked { importer, child } => self.linked(importer, child),
            Step::Made {
                task,
                component,
                function,
            } => self.made(task, component, function),
            Step::Waits {
                task,
                component,
                token,
            } => self.waits(task, component, token),
            Step::HostWaits(task) => self.host_waits(task),
            Step::Done { task, .. } => self.done(task),
            // Nothing has happened yet.
            Step::Asked { .. } => {}
            Step::Fetched(task) => self.fetched(task),
            Step::Cancelled { task, .. } => self.cancelled(task),
            Step::Sent { component, token } => self.sent(component, token),
            Step::Taken { component, word } => {
                if let Some(event) = word.event() {
                    self.takes(component, event);
                }
            }
            Step::Origin(origin) => self.set_origin(origin),
        }
    }

    fn called(&mut self, stack: &WasmBacktrace) {
        InstanceTrace::called(self, entries(stack));
    }

    fn enter(&mut self) {
        InstanceTrace::enter(self);
    }

    fn leave(&mut self, what: &str) {
        InstanceTrace::leave(self, what);
    }

    fn piped(&mut self, pipe: PipeName, verb: &str, waiter: Waiter, outcome: &Outcome<usize>) {
        InstanceTrace::piped(self, pipe, verb, waiter, outcome);
    }

    fn dropped(&mut self, pipe: PipeName, end: &str) {
        InstanceTrace::dropped(self, pipe, end);
    }
}
