//! Serves a component over HTTP.

mod body;
mod connection;
mod connections;
mod delivery;
mod descriptors;
mod error;
mod exchange;
mod guest;
mod handler;
mod head;
mod idle;
mod load;
mod native;
mod options;
mod plain;
mod pool;
mod report;
mod server;
mod service;
mod shares;
mod split;
mod stdio;

pub use crate::stdio::{Sink, Stdio};
pub use descriptors::raise_file_limit;
pub use error::ServeError;
pub use guest::GuestFactory;
pub use load::{App, Loader};
pub use options::{InstanceOptions, ServeOptions};
pub use server::{Server, Shutdown};
