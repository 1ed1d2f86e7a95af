//! What guests write to stdout and stderr: line by line, each with the number of its request.

pub mod escape;
mod instance;
mod lines;
mod sink;
mod stream;
mod terminal;

pub use instance::{InstanceLog, Source, Stdio};
pub use sink::Sink;
pub use stream::GuestOutput;
pub(crate) use stream::OutputWriter;
pub(crate) use terminal::Terminal;
