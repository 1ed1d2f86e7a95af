//! Runs commands, and single functions of any component.

mod command;
mod guest;
mod invoke;
mod link;
mod native;
mod outcome;
mod plain;
mod program;
mod split;
mod wave;

pub use command::{Command, CommandAbi};
pub use guest::{Guest, RunOptions};
pub use outcome::Outcome;
pub use program::{Program, ProgramLoader};
