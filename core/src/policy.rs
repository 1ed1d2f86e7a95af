//! What differs between the shells around the machine: the host, the core of lowered components, and tests.

use crate::{Fault, Word};

/// What differs between shells. All of it is chosen when the shell is compiled: the machine is generic over it.
pub trait Policy {
    /// What functions of the machine fail with: a [`Fault`], or what the shell itself refuses. A shell in which a guest's mistake
    /// ends the program has a type without values here, and traps when a fault is made into one.
    type Error: From<Fault>;
    /// A call of the shell's own that waits for a task. A shell that calls no guest has [`Infallible`](core::convert::Infallible).
    type Call: Copy;
    /// Work of the shell's own that a task stands for. A shell without such has [`Infallible`](core::convert::Infallible).
    type Work: Copy;
    /// What such work comes to.
    type Output;

    /// A number for a key or a mailbox: each `seed` comes once. Only its upper half is used. Where there is a source of chance, it is
    /// a secret.
    fn secret(&mut self, seed: u64) -> u64;

    /// Whether there may be one more, where there are `held`.
    ///
    /// # Errors
    ///
    /// If there may not.
    #[inline]
    fn admit(&mut self, _kind: Kind, _held: usize) -> Result<(), Self::Error> {
        Ok(())
    }

    /// A table, a queue or a name takes `to` bytes instead of `from`.
    ///
    /// # Errors
    ///
    /// If that is too much.
    #[inline]
    fn resized(&mut self, _kind: Kind, _from: usize, _to: usize) -> Result<(), Self::Error> {
        Ok(())
    }

    /// What the machine does, for logs and traces.
    #[inline]
    fn told(&mut self, _step: Step<'_>) {}

    /// A call of the shell's own can have its result.
    fn call_done(&mut self, call: Self::Call);

    /// Something that whoever runs the guests should know.
    fn warn(&mut self, text: &str);
}

/// What a guest makes the machine hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A component instance.
    Component,
    /// A function's name.
    Function,
    /// An event that a component has not taken.
    Event,
    /// A call under way.
    Task,
}

/// Something that the machine does. Components are named by their numbers.
#[derive(Clone, Copy, Debug)]
pub enum Step<'a> {
    /// A component has got its number.
    Registered(u32),
    /// A component imports what another one provides.
    Linked {
        /// Who imports.
        importer: u32,
        /// Who provides.
        child: u32,
    },
    /// A call of a component's function did not finish at once.
    Made {
        /// The new task.
        task: u32,
        /// Whose it is.
        component: u32,
        /// The function's name.
        function: &'a str,
    },
    /// A component waits for a task.
    Waits {
        /// What it waits for.
        task: u32,
        /// Who waits.
        component: u32,
        /// What it will be sent.
        token: u32,
    },
    /// A call of the host's waits for a task.
    HostWaits(u32),
    /// The task's result is there. `component` 0: of the host's.
    Done {
        /// The task.
        task: u32,
        /// Who has done it.
        component: u32,
    },
    /// The task's result is asked for. `component` 0: of the host.
    Asked {
        /// The task.
        task: u32,
        /// Of whom.
        component: u32,
    },
    /// The caller has the task's result.
    Fetched(u32),
    /// The caller has gone. `component` 0: the task is the host's.
    Cancelled {
        /// The task.
        task: u32,
        /// Whose it is.
        component: u32,
    },
    /// A component is sent a token.
    Sent {
        /// To whom.
        component: u32,
        /// The token.
        token: u32,
    },
    /// A component has asked for its next event.
    Taken {
        /// Who.
        component: u32,
        /// What it was told.
        word: Word,
    },
    /// What guests do from now on, they do for this origin.
    Origin(u64),
}
