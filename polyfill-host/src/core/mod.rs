//! `isyswasfa:core` on the host: components and their events, tasks, host futures, pollables.

mod budget;
mod components;
mod functions;
mod futures;
mod link;
mod pollables;
mod queue;
mod resources;
mod state;
mod tasks;
pub(crate) mod weight;

pub use budget::{Budget, Share, Weigh};
pub use components::ComponentIndex;
pub(crate) use components::Event;
pub use link::{add_pollables_to_linker, add_to_linker};
pub use queue::{Queue, Wake};
pub use state::{Core, Limits, Waiter};
pub use tasks::{CallId, Caller, Pending};

pub(crate) use pollables::{Pollables, wait_for_pollables};
pub(crate) use resources::Resources;
pub(crate) use tasks::WaitedFor;
