//! Mistakes of guests: what a core refuses, and what it says then.

use alloc::boxed::Box;
use core::error::Error;
use core::fmt;

/// A mistake of a guest's, for which it traps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The number proves nothing.
    NotAKey,
    /// Nobody has this mailbox.
    NotAMailbox,
    /// This number of a component was never given out.
    UnknownComponent(u32),
    /// This number stands for no function, or for one of another component.
    NotOwnFunction(u32),
    /// A token or a task key has more bits than the event word has room for.
    TooLarge(u32),
    /// There is no such task.
    UnknownTask(u32),
    /// The task is not one of the component that completes it.
    NotOwnTask(u32),
    /// The task was done already.
    CompletedTwice(u32),
    /// The result of a task cannot be had there.
    NoResult {
        /// Whose result.
        task: u32,
        /// The function that it was asked of. `None`: of the host.
        asked: Option<Box<str>>,
        /// Why not.
        refusal: Refusal,
    },
    /// There is no such pipe.
    UnknownPipe(u32),
    /// An end of a pipe has one write under way at most.
    WriteStands,
}

/// Why the result of a task cannot be had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is no such task.
    Unknown,
    /// It is a task of another component.
    OtherComponent,
    /// It is a task of this function.
    OtherFunction(Box<str>),
    /// It is not done.
    NotDone,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::NotAKey => f.write_str("not a component key"),
            Fault::NotAMailbox => f.write_str("not a mailbox"),
            Fault::UnknownComponent(number) => write!(f, "no component has the number {number}"),
            Fault::NotOwnFunction(number) => {
                write!(
                    f,
                    "{number} is not the number of a function of the component"
                )
            }
            Fault::TooLarge(value) => write!(f, "{value} is not below 2^30"),
            Fault::UnknownTask(task) => write!(f, "no task {task}"),
            Fault::NotOwnTask(task) => write!(f, "task {task} is not the component's own"),
            Fault::CompletedTwice(task) => write!(f, "task {task} was completed twice"),
            Fault::NoResult {
                task,
                asked,
                refusal,
            } => {
                write!(f, "the result of task {task} was asked of ")?;
                match asked {
                    Some(function) => write!(f, "`{function}`")?,
                    None => f.write_str("the host")?,
                }
                write!(f, ", but {refusal}")
            }
            Fault::UnknownPipe(pipe) => write!(f, "no pipe {pipe}"),
            Fault::WriteStands => f.write_str("a write was begun while another one stands"),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Unknown => f.write_str("no such task is under way"),
            Refusal::OtherComponent => f.write_str("it is a task of another component"),
            Refusal::OtherFunction(function) => write!(f, "it is a task of `{function}`"),
            Refusal::NotDone => f.write_str("it is not done"),
        }
    }
}

impl Error for Fault {}
