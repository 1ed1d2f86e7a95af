//! Serves a component over HTTP.

mod body;
mod connection;
mod connections;
mod delivery;
mod descriptors;
mod exchange;
mod guest;
mod handler;
mod head;
mod idle;
pub(crate) mod load;
mod native;
mod plain;
mod pool;
mod report;
mod server;
mod service;
mod shares;
mod split;
mod stdio;
mod watch;

pub use descriptors::raise_file_limit;
pub use exchange::{Client, Exchange, Phase};
pub use guest::GuestFactory;
pub use handler::{Failure, Handler};
pub use load::{App, Loader};
pub use native::Native;
pub use plain::Plain;
pub use pool::Sharing;
pub use server::{Server, Shutdown};
pub use split::Split;
pub use watch::watch;
