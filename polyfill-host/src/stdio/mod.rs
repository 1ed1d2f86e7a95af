//! What guests write to stdout and stderr: line by line, each with the number of its request.

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
