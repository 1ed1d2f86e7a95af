//! What an embedder or the command line chooses: what guests may use, how instances are kept, where to listen. How the
//! engine is built: see [`EngineOptions`](crate::engine::EngineOptions).

mod advice;
mod guest;
mod limits;
mod outbound;
mod serve;

pub use advice::advice;
pub use guest::{GuestOptions, Output, Preopen};
pub use limits::Limits;
pub use outbound::{Outbound, Target};
pub use serve::{InstanceOptions, ServeOptions};
