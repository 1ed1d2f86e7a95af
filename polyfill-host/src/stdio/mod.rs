//! Guests' output on stdout and stderr, in lines with the number of their request.

mod instance;
mod lines;
mod output;
mod sink;
mod stream;
mod terminal;

pub use instance::{InstanceLog, Source, Stdio};
pub use output::Output;
pub use sink::Sink;
pub(crate) use stream::OutputWriter;
pub(crate) use terminal::Terminal;
