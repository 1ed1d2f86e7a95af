//! `isyswasfa:core` on the host: the state machine of components and tasks, with host futures, pollables, limits and a budget
//! around it.
//!
//! [`pipes`](crate::pipes) has its streams and futures. This room imports none of the rooms above it: they implement [`View`],
//! [`Kernel`] and `Trace`.

mod budget;
mod calls;
mod futures;
mod link;
mod policy;
mod pollables;
mod queue;
mod resources;
mod state;
#[cfg(test)]
mod tests;
mod trace;
mod view;
pub(crate) mod weight;

pub use budget::{Budget, Share, Weigh};
pub use calls::TARGET;
pub use isyswasfa_core::ComponentIndex;
pub use link::{add_pollables_to_linker, add_to_linker};
pub use pollables::Pollables;
pub use queue::{PipeId, Queue, Wake};
pub use state::{CallId, Core, Limits, Pending, Waiter};
pub use view::{Kernel, View};

pub(crate) use calls::call;
pub(crate) use pollables::wait_for_pollables;
pub(crate) use resources::Resources;
pub(crate) use trace::{PipeName, Trace};
pub(crate) use view::called;
