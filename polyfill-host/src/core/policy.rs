//! The host's policy for the core's state machine: limits, the budget, secrets, and the host's own calls and futures.

use std::any::Any;
use std::hash::{BuildHasher, RandomState};

use isyswasfa_core::{Kind, Policy, Step};
use wasmtime::{Error, Result, bail};

use super::budget::{Budget, Share};
use super::calls::call;
use super::futures::FutureId;
use super::state::{CallId, Limits};
use super::trace::Trace;

/// The state machine with the host around it.
pub(crate) type Machine = isyswasfa_core::Machine<HostPolicy>;

/// The host's policy for the core's state machine.
pub(crate) struct HostPolicy {
    pub limits: Limits,
    /// The budget for tasks, functions and events.
    share: Share,
    secrets: RandomState,
    /// Calls of the host whose results can be fetched.
    pub done: Vec<CallId>,
    pub trace: Option<Box<dyn Trace>>,
}

impl HostPolicy {
    pub fn new(limits: Limits, budget: &Budget) -> Self {
        HostPolicy {
            limits,
            share: budget.share(),
            secrets: RandomState::new(),
            done: Vec::new(),
            trace: None,
        }
    }
}

impl Policy for HostPolicy {
    type Error = Error;
    type Call = CallId;
    type Work = FutureId;
    type Output = Box<dyn Any + Send>;

    fn secret(&mut self, seed: u64) -> u64 {
        self.secrets.hash_one(seed)
    }

    #[inline]
    fn admit(&mut self, kind: Kind, held: usize) -> Result<()> {
        let max = match kind {
            Kind::Component => self.limits.components,
            Kind::Function => self.limits.functions,
            Kind::Event => self.limits.events,
            Kind::Task => self.limits.tasks,
        };
        if held >= max {
            too_many(kind, max)
        } else {
            Ok(())
        }
    }

    fn resized(&mut self, kind: Kind, from: usize, to: usize) -> Result<()> {
        let held = self.share.held() + to - from;
        self.share.hold(
            held,
            match kind {
                Kind::Component => "a component",
                Kind::Function => "the name of a function",
                Kind::Event => "an event",
                Kind::Task => "a task",
            },
        )
    }

    #[inline]
    fn told(&mut self, step: Step<'_>) {
        match step {
            Step::Made {
                task,
                component: 0,
                function,
            } => call!("start: `{function}` of the host becomes task {task}"),
            Step::Made {
                task,
                component,
                function,
            } => call!("start: component {component} makes task {task} of `{function}`"),
            Step::Done { component: 0, .. } => {}
            Step::Done { task, component } => {
                call!("complete: component {component} is done with task {task}");
            }
            Step::Asked { task, component: 0 } => call!("result: of task {task}, from the host"),
            Step::Asked { task, component } => {
                call!("result: of task {task}, from component {component}");
            }
            Step::Cancelled { task, component: 0 } => call!("cancel: task {task} of the host"),
            Step::Cancelled { task, component } => {
                call!("cancel: task {task} of component {component}");
            }
            _ => {}
        }
        if let Some(trace) = &mut self.trace {
            trace.step(step);
        }
    }

    fn call_done(&mut self, call: CallId) {
        self.done.push(call);
    }

    fn warn(&mut self, text: &str) {
        tracing::warn!("{text}");
    }
}

#[cold]
fn too_many(kind: Kind, max: usize) -> Result<()> {
    match kind {
        Kind::Component => {
            bail!("more than {max} components (`-S max-components=N` allows more)")
        }
        Kind::Function => bail!("more than {max} functions (`-S max-functions=N` allows more)"),
        Kind::Event => {
            bail!("a component has more than {max} events (`-S max-events=N` allows more)")
        }
        Kind::Task => bail!("more than {max} tasks (`-S max-tasks=N` allows more)"),
    }
}
