//! Splits WASI 0.3 WIT: turns async functions, streams and futures into what any WASI 0.2 engine accepts.
//!
//! [`split`] takes a world and answers one that means the same in other words. It is the single source of truth for
//! what the split ABI looks like; guest macro, host and composer all ask it.
//!
//! ```
//! use wit_parser::Resolve;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let mut resolve = Resolve::default();
//! let package = resolve.push_source("app.wit", "
//!     package test:app@1.0.0;
//!
//!     interface files {
//!       resource file {
//!         read: func() -> stream<u8>;
//!         size: async func() -> u64;
//!       }
//!     }
//!
//!     world app { import files; }
//! ")?;
//! let world = resolve.select_world(&[package], None)?;
//!
//! let split = isyswasfa_wit::split(&resolve, world)?;
//! assert_eq!(split.name("test:app/files@1.0.0"), "test:app/files@1.0.0-isyswasfa");
//!
//! let text = isyswasfa_wit::print(&split);
//! assert!(text.contains("use isyswasfa:core/bytes@0.1.0.{reader as stream-u8-reader};"));
//! assert!(text.contains("read: func() -> stream-u8-reader;"));
//! assert!(text.contains("size-isyswasfa-start: func() -> result<u64, isyswasfa-pending>;"));
//! assert!(text.contains("size-isyswasfa-result: static func(ready: isyswasfa-ready) -> u64;"));
//! assert!(text.contains("isyswasfa-poll: func() -> u32;"));
//! # Ok(())
//! # }
//! ```
//!
//! What becomes of each construct is told in `ARCHITECTURE.md`, and shown by the files in `tests/constructs`. A world
//! that has something with no equal in WASI 0.2 is [`Refused`], with the item and the [`Reason`]; `error-context` is the
//! one type of which that is always true.
//!
//! Folders of this crate, for binding generators: `core`, the split ABI's own interfaces, beside which `wasi:io@0.2.0` is needed;
//! `wasi/0.2.0`, `wasi/0.2` and `wasi/0.3`, WASI's WIT as published, which [`wasi`] embeds; `split`, the splits of the worlds of
//! WASI 0.3.

#![warn(missing_docs)]

mod builder;
mod container;
mod core;
mod elsewhere;
mod functions;
pub mod names;
mod pipe_name;
mod pipes;
mod place;
mod plan;
mod primitive;
mod print;
mod refused;
pub mod source;
mod split;
mod survey;
mod types;
pub mod wasi;
mod world;

pub use crate::core::{CORE_WIT, IO_WIT};
pub use crate::names::{moved_version, split_name};
pub use crate::place::origin;
pub use crate::primitive::primitive;
pub use crate::print::{files, print};
pub use crate::refused::{Reason, Refused};
pub use crate::split::{FunctionId, Pipe, PipeKind, Split, SplitFunction, SplitKind, split};
