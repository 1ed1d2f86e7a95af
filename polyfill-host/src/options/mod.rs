//! The environment and permissions of guests, and the limits on them. For options of the engine see
//! [`EngineOptions`](crate::engine::EngineOptions).

mod advice;
mod guest;
mod limits;

pub use crate::http::{Outbound, Target};
pub use crate::stdio::Output;
pub use advice::advice;
pub use guest::{DirectoryError, GuestOptions, Preopen};
pub use limits::Limits;
