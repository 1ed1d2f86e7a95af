//! What an embedder or the command line chooses: what guests may use, how the engine is built,
//! how instances are kept, where to listen.

mod engine;
mod guest;
mod outbound;
mod serve;

pub use engine::{EngineOptions, Features, OptLevel};
pub use guest::{GuestOptions, Limits, Output, Preopen};
pub use outbound::{Outbound, Target};
pub use serve::{InstanceOptions, ServeOptions};
