//! The API of WASI 0.2, as the crate `wasip2` has it, implemented on WASI 0.3.
//!
//! It is for code that is on its way from 0.2 to 0.3, and makes the first step a mechanical one: paths change (`wasip2::` becomes
//! `compat_api::p2::`), and what waited is `async`. Everything else stays as it is, streams in structs and loops over
//! [`poll`](io::poll::poll) among it. After that, one function at a time can become code of 0.3: handles convert from and to
//! those of 0.3.
//!
//! ```
//! use compat_api::p2::cli::{stdin, stdout};
//! use compat_api::p2::io::streams::StreamError;
//!
//! async fn cat() -> Result<(), StreamError> {
//!     let (input, output) = (stdin::get_stdin(), stdout::get_stdout());
//!     loop {
//!         match output.blocking_splice(&input, 4096).await {
//!             Ok(_) => output.blocking_flush().await?,
//!             Err(StreamError::Closed) => return Ok(()),
//!             Err(error) => return Err(error),
//!         }
//!     }
//! }
//! ```
//!
//! A file of 0.3 can be read by code that is still on the facade:
//!
//! ```
//! use compat_api::filesystem::types::Descriptor;
//! use compat_api::p2::io::streams::{InputStream, StreamError};
//!
//! async fn length_of_file(file: &Descriptor) -> Result<u64, StreamError> {
//!     let (stream, end) = file.read_via_stream(0);
//!     length(&InputStream::from_stream(stream, end)).await
//! }
//!
//! async fn length(input: &InputStream) -> Result<u64, StreamError> {
//!     let mut length = 0;
//!     loop {
//!         match input.blocking_skip(65536).await {
//!             Ok(skipped) => length += skipped,
//!             Err(StreamError::Closed) => return Ok(length),
//!             Err(error) => return Err(error),
//!         }
//!     }
//! }
//! ```
//!
//! These functions are `async`, and no others:
//!
//! ```toml
#![doc = include_str!("p2/colour.toml")]
//! ```
//!
//! What cannot be as in 0.2 is in the guide, on the page "The API of WASI 0.2 on 0.3".

#![warn(missing_docs)]

mod bindings;
pub mod cli;
pub mod clocks;
pub mod exports;
pub mod filesystem;
pub mod http;
pub mod io;
mod local;
pub mod random;
mod shared;
pub mod sockets;
