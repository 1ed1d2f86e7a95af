//! What guests write to stdout and stderr: line by line, each with the number of its request.

mod instance;
mod lines;
mod sink;
mod stream;

pub use instance::{InstanceLog, Source, Stdio};
pub use sink::Sink;
pub use stream::GuestOutput;
pub(crate) use stream::OutputWriter;
