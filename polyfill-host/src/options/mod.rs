//! What an embedder or the command line chooses: what guests may use, how instances are kept, where to listen. How the
//! engine is built: see [`EngineOptions`](crate::engine::EngineOptions).

mod guest;
mod outbound;
mod serve;

pub use guest::{GuestOptions, Limits, Output, Preopen};
pub use outbound::{Outbound, Target};
pub use serve::{InstanceOptions, ServeOptions};
