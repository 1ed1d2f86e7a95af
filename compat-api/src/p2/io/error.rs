//! `wasi:io/error`: errors of streams.

use crate::p2::filesystem::types::ErrorCode as FilesystemError;
use crate::p2::sockets::network::ErrorCode as SocketError;
use std::fmt;

/// An error of a stream. What 0.3 calls it is known: [`filesystem_error_code`](crate::p2::filesystem::types::filesystem_error_code)
/// and [`http_error_code`](crate::p2::http::types::http_error_code) say it.
#[derive(Debug)]
pub struct Error(pub(crate) Cause);

/// The error code of 0.3 that an error was made from.
#[derive(Clone, Debug)]
pub(crate) enum Cause {
    Cli(crate::cli::types::ErrorCode),
    Filesystem(FilesystemError),
    Socket(SocketError),
    Http(crate::http::types::ErrorCode),
}

impl Error {
    /// A text for people.
    pub fn to_debug_string(&self) -> String {
        match &self.0 {
            Cause::Cli(code) => format!("{code:?}"),
            Cause::Filesystem(code) => code.to_string(),
            Cause::Socket(code) => code.to_string(),
            Cause::Http(code) => format!("{code:?}"),
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_debug_string())
    }
}

impl std::error::Error for Error {}

impl From<crate::cli::types::ErrorCode> for Error {
    fn from(code: crate::cli::types::ErrorCode) -> Self {
        Error(Cause::Cli(code))
    }
}

impl From<crate::filesystem::types::ErrorCode> for Error {
    fn from(code: crate::filesystem::types::ErrorCode) -> Self {
        Error(Cause::Filesystem(code.into()))
    }
}

impl From<crate::sockets::types::ErrorCode> for Error {
    fn from(code: crate::sockets::types::ErrorCode) -> Self {
        Error(Cause::Socket(code.into()))
    }
}

impl From<crate::http::types::ErrorCode> for Error {
    fn from(code: crate::http::types::ErrorCode) -> Self {
        Error(Cause::Http(code))
    }
}
