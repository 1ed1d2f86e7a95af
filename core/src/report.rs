//! Who waits for what: reports for people.

use alloc::borrow::ToOwned;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::Write;

use crate::tasks::WaitedFor;
use crate::{ComponentIndex, Machine, Policy, SPINS, Waiter, escape};

/// More lines than this tell nobody anything.
const MAX_LINES: usize = 20;
/// So long a line of a component's own is taken into a report.
const MAX_WAIT_LEN: usize = 200;

/// What a task waits for that is no task of another component.
pub(crate) struct Wait {
    component: ComponentIndex,
    /// The function that it is a call of. None: it was spawned.
    function: Option<u32>,
    /// As the component tells it.
    what: String,
}

impl Wait {
    /// Takes down what a component tells, unless there is more already than anybody reads.
    pub fn add(
        waits: &mut Vec<Wait>,
        component: ComponentIndex,
        function: Option<u32>,
        what: &str,
    ) {
        if waits.len() < MAX_LINES {
            waits.push(Wait {
                component,
                function,
                // It goes to a log or a terminal.
                what: escape::line(what, MAX_WAIT_LEN),
            });
        }
    }
}

impl<P: Policy> Machine<P> {
    /// That all tasks wait, and who waits for what. `readers` and `writers` are who waits at the core's own pipes: of those who have
    /// told nothing themselves, built without that, it is known from these.
    #[cold]
    pub fn deadlock(
        &self,
        readers: impl IntoIterator<Item = ComponentIndex>,
        writers: impl IntoIterator<Item = ComponentIndex>,
    ) -> String {
        let mut lines = Vec::new();
        for waited in self.tasks.waited_for() {
            lines.push(self.waited_for(&waited));
        }
        let waits = self.waits.as_deref().unwrap_or_default();
        for Wait {
            component,
            function,
            what,
        } in waits
        {
            let name = name(*component);
            lines.push(match function {
                Some(function) => {
                    let function = self.functions.display(*function);
                    format!("{name} waits in `{function}` {what}")
                }
                None => format!("{name} waits in a task that it has spawned {what}"),
            });
        }
        let mut at_pipe = |component: ComponentIndex, verb: &str| {
            if waits.iter().all(|wait| wait.component != component) {
                lines.push(format!(
                    "{} waits to {verb} a stream or future",
                    name(component)
                ));
            }
        };
        for component in readers {
            at_pipe(component, "read from");
        }
        for component in writers {
            at_pipe(component, "write to");
        }

        let mut text =
            "deadlock: all tasks wait, and nothing is under way that could wake one".to_owned();
        for line in lines.iter().take(MAX_LINES) {
            // Writing to a string does not fail.
            let _ = write!(text, "\n  {line}");
        }
        if lines.len() > MAX_LINES {
            let _ = write!(text, "\n  and {} more", lines.len() - MAX_LINES);
        }
        text
    }

    fn waited_for(&self, waited: &WaitedFor<P::Call>) -> String {
        let caller = match waited.caller {
            Waiter::Guest { component, .. } => name(component),
            Waiter::Host(_) => "the host".to_string(),
        };
        let callee = match waited.callee {
            Some((component, function)) => {
                format!(
                    "`{}` of {}",
                    self.functions.display(function),
                    name(component)
                )
            }
            None => "the host".to_string(),
        };
        format!("{caller} waits for {callee} (task {})", waited.task)
    }

    /// That a component has yielded for a long time, and nothing else has happened: in which calls, so that it can be found.
    #[cold]
    pub(crate) fn spinning(&self, component: ComponentIndex) -> String {
        let mut names: Vec<_> = self
            .tasks
            .running(component)
            .map(|function| format!("`{}`", self.functions.display(function)))
            .collect();
        names.dedup();
        names.truncate(MAX_LINES);
        let calls = if names.is_empty() {
            "a task that it has spawned".to_string()
        } else {
            names.join(", ")
        };
        format!(
            "{} has yielded {SPINS} times in {calls}, and nothing else has happened: what it looks for may never come",
            name(component)
        )
    }
}

fn name(component: ComponentIndex) -> String {
    format!("component {}", component + 1)
}
