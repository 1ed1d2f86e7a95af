//! Why a component cannot be served.

use crate::load::LoadError;
use crate::options::DirectoryError;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// Why a component cannot be served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServeError {
    /// The component cannot be made ready, or exports no HTTP handler.
    #[error(transparent)]
    Load(#[from] LoadError),
    /// A directory for guests cannot be opened.
    #[error(transparent)]
    Directory(#[from] DirectoryError),
    /// The component's handler is of a version of the split ABI that the host does not know.
    #[error(
        "`{}` exports `wasi:http/handler` in a version of the split ABI that this host does not know",
        .path.display()
    )]
    UnknownVersion {
        /// The component's file.
        path: PathBuf,
    },
    /// The component's handler has another type than its name says.
    #[error(
        "the HTTP handler that `{}` exports does not have the type that its name promises: {reason:#}",
        .path.display()
    )]
    HandlerType {
        /// The component's file.
        path: PathBuf,
        /// What differs.
        reason: wasmtime::Error,
    },
    /// The system refuses to listen on an address.
    #[error("failed to listen on `{address}`: {}", refused(.reason))]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The system's error.
        reason: io::Error,
    },
}

impl ServeError {
    /// What the user can do about it.
    pub fn help(&self) -> Option<&str> {
        match self {
            ServeError::Load(error) => error.help(),
            ServeError::Directory(error) => Some(error.help()),
            ServeError::UnknownVersion { .. } => {
                Some("build the guest with the `compat-api` that came with this host")
            }
            ServeError::HandlerType { .. } => {
                Some("build the guest against the interfaces of `wasi:http` as published")
            }
            ServeError::Listen { reason, .. } => match reason.kind() {
                io::ErrorKind::AddrInUse => Some(
                    "choose another port with `--addr`, or any free one with `--addr 127.0.0.1:0`",
                ),
                io::ErrorKind::PermissionDenied => {
                    Some("ports below 1024 need privileges: choose another with `--addr`")
                }
                io::ErrorKind::AddrNotAvailable => Some(
                    "`127.0.0.1` is reachable from this machine, `0.0.0.0` from all others too",
                ),
                _ => None,
            },
        }
    }
}

fn refused(reason: &io::Error) -> String {
    match reason.kind() {
        io::ErrorKind::AddrInUse => "another program uses the address".to_owned(),
        io::ErrorKind::PermissionDenied => "the system denies it".to_owned(),
        io::ErrorKind::AddrNotAvailable => "this machine does not have that address".to_owned(),
        _ => reason.to_string(),
    }
}
