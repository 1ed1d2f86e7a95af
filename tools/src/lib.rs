//! Tools for components of the split ABI: compose them, inspect them, lower them to WASI 0.2.
//!
//! They turn bytes into bytes, and need no engine. A component is an [`Artifact`], which is read once:
//!
//! - [`inspect::Report`] tells what it is, what it imports and exports, and who can run it.
//! - [`compose::compose`] makes one component of several.
//! - [`translate::translate`] makes of a native component of WASI 0.3 one of the split ABI.
//! - [`lower::lower`] makes of a component of the split ABI one that any host of WASI 0.2 runs.
//! - [`adapter::plug`] puts behind its imports what implements WASI 0.3's files and sockets on WASI 0.2.
//!
//! ```
//! use isyswasfa_tools::compose::{Part, Plug, compose};
//! use isyswasfa_tools::inspect::Report;
//! use isyswasfa_tools::{Advice, Artifact, lower};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! // What one imports, the other exports.
//! let app = Part::new("app.wat", r#"(component (import "a:b/c" (instance)))"#.into())?;
//! let provider = r#"(component
//!     (import "wasi:cli/exit@0.2.0" (instance))
//!     (instance $own)
//!     (export "a:b/c" (instance $own)))"#;
//! let plug = Plug {
//!     part: Part::new("provider.wat", provider.into())?,
//!     imports: vec![],
//! };
//! let composed = compose(app, vec![plug])?;
//!
//! let artifact = Artifact::new("composed.wasm", composed.wasm)?;
//! let report = Report::new(&artifact)?;
//! assert_eq!(report.imports[0].name, "wasi:cli/exit@0.2.0");
//! assert!(report.hosts.wasi_0_2.runs);
//!
//! // It is of WASI 0.2 already. Each error says what can be done about it.
//! let error = lower::lower(&artifact, &lower::Options::default()).unwrap_err();
//! assert!(matches!(error, lower::Error::Plain { .. }));
//! assert_eq!(error.help().as_deref(), Some("give it to your host as it is"));
//! # Ok(())
//! # }
//! ```
//!
//! Features, all on by default: `adapter` (with `wac-graph`), `lower`, `translate` (with [`inspect`]) and `compose` (with what reads
//! `.wac` files). Without them there are `Artifact`, [`abi`] and [`bridges`].

#![deny(missing_docs)]

pub mod abi;
#[cfg(feature = "adapter")]
pub mod adapter;
pub mod artifact;
pub mod bridges;
mod cause;
#[cfg(feature = "compose")]
pub mod compose;
#[cfg(feature = "translate")]
pub mod inspect;
#[cfg(feature = "lower")]
pub mod lower;
#[cfg(feature = "translate")]
mod surface;
#[cfg(feature = "translate")]
pub mod translate;

pub use artifact::Artifact;
pub use cause::{Advice, Cause};
