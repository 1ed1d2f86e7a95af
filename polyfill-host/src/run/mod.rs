//! Runs commands, and single functions of any component.

mod command;
mod error;
mod invoke;
mod native;
mod options;
mod outcome;
mod plain;
mod program;
mod split;
mod wave;

pub use error::{InvokeError, RunError};
pub use options::RunOptions;
pub use outcome::Outcome;
pub use program::{Program, ProgramLoader};
