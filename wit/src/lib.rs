//! The split transform: turns async functions, streams and futures of WASI 0.3 WIT into WIT that any WASI 0.2 engine accepts.
//!
//! [`split`] takes a world and returns a split one with the same meaning. It is the single source of truth for what the split
//! ABI looks like: guest macro, host and composer all use it.
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
//! `docs/abi.md` says what becomes of each construct, and the files in `tests/constructs` show it. A world with something that
//! has no equal in WASI 0.2 is [`Refused`], with the item and the [`Reason`]. `error-context` is the one type that is always
//! refused.
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
mod text;
mod types;
pub mod wasi;
mod world;

pub use crate::core::{CORE_WIT, IO_WIT};
pub use crate::names::{moved_version, split_name};
pub use crate::place::origin;
pub use crate::primitive::primitive;
pub use crate::print::{files, print};
pub use crate::refused::{Reason, Refused};
pub use crate::split::{
    FunctionId, Pipe, PipeKind, Split, SplitFunction, SplitKind, split, split_with,
};
