//! A host for components that speak WASI 0.2, WASI 0.3 or the split ABI, on wasmtime.
//!
//! The *split ABI* is WASI 0.3 carried over WASI 0.2: what `polyfill-guest` and `compat-api` build for hosts without
//! component-model-async.
//!
//! # Where to begin
//!
//! | you want to | take | with the feature |
//! | --- | --- | --- |
//! | call components from your program, with generated bindings | [`bindgen!`] and [`embed`] | none |
//! | the same without generated code, for split components only | [`split`], [`wasi`] | none |
//! | give them `wasi:http`, or call their HTTP handlers | `http` | `http` |
//! | run split components that use files or sockets | [`embed`] | `adapter` |
//! | run commands, or serve components over HTTP | `run`, `serve`, `options` | `serve` |
//! | the command line; composing, inspecting, lowering | the program `polyfill-host`; `compose`, `inspect`, `lower` | `cli` (default) |
//!
//! Each feature of the table contains those that it needs: `cli` contains all, `serve` contains `http` and `adapter`. A program that
//! embeds components says
//!
//! ```toml
//! polyfill-host = { version = "0.1", default-features = false }
//! ```
//!
//! and builds neither an HTTP stack nor a command line. [`engine`] makes the engines for all of them, [`trace`] shows what guests do.
//!
//! # Embedding components
//!
//! [`bindgen!`] makes of a WIT world a trait for what a program implements and methods for what it calls; the program is the same for
//! components of all ABIs. The guest of this example is `cases/round-trip` of the repository, built for either backend.
//! It exports an interface, imports the same one, and both have `pass: async func(text: string) -> string`.
//!
//! ```
//! use polyfill_host::embed::{self, SplitCtx, SplitView};
//! use polyfill_host::engine::EngineOptions;
//! use wasmtime::component::{Linker, ResourceTable};
//! use wasmtime::{Result, Store};
//! use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
//!
//! polyfill_host::bindgen!({
//!     path: "../cases/round-trip/wit",
//!     world: "round-trip",
//! });
//!
//! /// What the guest imports.
//! #[derive(Clone)]
//! struct Line {
//!     name: String,
//! }
//!
//! impl cases::round_trip::line::Host for Line {
//!     // Calls of it run beside the guest and beside each other.
//!     async fn pass(&self, text: String) -> String {
//!         tokio::time::sleep(std::time::Duration::from_millis(10)).await;
//!         format!("{text} > {}", self.name)
//!     }
//! }
//!
//! /// What each instance has of its own.
//! struct State {
//!     line: Line,
//!     split: SplitCtx,
//!     wasi: WasiCtx,
//!     table: ResourceTable,
//! }
//!
//! impl SplitView for State {
//!     fn split(&mut self) -> &mut SplitCtx {
//!         &mut self.split
//!     }
//!
//!     // For guests that await pollables of WASI 0.2.
//!     fn table(&mut self) -> Option<&mut ResourceTable> {
//!         Some(&mut self.table)
//!     }
//! }
//!
//! impl WasiView for State {
//!     fn ctx(&mut self) -> WasiCtxView<'_> {
//!         WasiCtxView { ctx: &mut self.wasi, table: &mut self.table }
//!     }
//! }
//!
//! #[tokio::main]
//! async fn main() -> Result<()> {
//!     let guests = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/guests");
//!     for abi in ["isyswasfa", "native"] {
//!         let wasm = std::fs::read(format!("{guests}/{abi}/round-trip.wasm"))?;
//!
//!         // Once: an engine with what the component needs, and the component, compiled for it.
//!         let engine = EngineOptions::default().engine(embed::features(&wasm)?)?;
//!         let component = embed::component(&engine, &wasm)?;
//!
//!         // What the component may import.
//!         let mut linker = Linker::new(&engine);
//!         embed::add_wasi_to_linker(&mut linker)?;
//!         RoundTrip::add_to_linker(&mut linker, |state: &mut State| state.line.clone())?;
//!
//!         // An instance, in a store of its own.
//!         let state = State {
//!             line: Line { name: "host".into() },
//!             split: SplitCtx::default(),
//!             wasi: WasiCtx::builder().inherit_stderr().build(),
//!             table: ResourceTable::new(),
//!         };
//!         let store = Store::new(&engine, state);
//!         let guest = RoundTrip::instantiate_async(store, &component, &linker).await?;
//!
//!         // Any number of calls at the same time.
//!         let line = guest.cases_round_trip_line();
//!         let (one, two) = tokio::join!(line.call_pass("one".into()), line.call_pass("two".into()));
//!         assert_eq!(one?, "one > guest > host < guest");
//!         assert_eq!(two?, "two > guest > host < guest");
//!     }
//!     Ok(())
//! }
//! ```
//!
//! Streams, futures and resources are in [`embed`]. Behind it, for split components only and without generated code, are the
//! typed calls and imports of [`split`].

#![deny(missing_docs)]
// A small build leaves out the callers of some functions.
#![cfg_attr(not(feature = "cli"), allow(dead_code, unused_imports))]

mod bad_input;
#[cfg(feature = "serve")]
mod bridge;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;
mod core;
pub mod embed;
pub mod engine;
mod escape;
mod exports;
#[cfg(feature = "serve")]
mod guest;
#[cfg(feature = "http")]
pub mod http;
#[cfg(feature = "serve")]
mod load;
#[cfg(feature = "serve")]
pub mod options;
mod pipes;
#[cfg(feature = "serve")]
pub mod run;
#[cfg(feature = "serve")]
pub mod serve;
pub mod split;
#[cfg(feature = "serve")]
mod stdio;
pub mod trace;
pub mod wasi;

pub use bad_input::BadInput;
pub use isyswasfa_tools::Artifact;
#[doc(hidden)]
pub use isyswasfa_tools::abi;
#[cfg(feature = "adapter")]
#[doc(hidden)]
pub use isyswasfa_tools::adapter;
#[cfg(feature = "serve")]
#[doc(hidden)]
pub use isyswasfa_tools::translate;
#[cfg(feature = "cli")]
pub use isyswasfa_tools::{compose, inspect, lower};
#[cfg(feature = "serve")]
pub use load::{LoadError, MissingImport};

/// Generates bindings for a WIT world: the host-side counterpart of `polyfill_guest::generate!`, for components of both ABIs.
///
/// ```ignore
/// polyfill_host::bindgen!();                        // the only world in `wit`
/// polyfill_host::bindgen!("my-world");              // by name
/// polyfill_host::bindgen!("my-world" in "path");    // from elsewhere
/// polyfill_host::bindgen!({
///     world: "my-world",
///     path: "path",                                 // or several: ["path", "another"]
///     inline: "package my:app; world my-world { .. }",
///     interfaces: "import my:app/api;",             // a world of these
///     with: {
///         "my:app/api.thing": Thing,                // what implements a resource: each imported one needs it
///         "my:app/types": path::to::bindings,       // interfaces, packages, types that are there already
///     },
///     imports: {                                    // functions that the host implements
///         "my:app/api.f": trappable,                // returns `wasmtime::Result`; an error traps
///         "my:app/api.g": async,                    // `async fn` though it is not async in WIT: blocks its instance
///         default: tracing,                         // a span for each call
///     },
///     exports: { default: tracing },
///     trappable_error_type: { "my:app/api.error" => Error },
///     additional_derives: [PartialEq, serde::Serialize],
///     stringify: true,                              // the code, as a string
/// });
/// ```
///
/// What there is then:
///
/// - For each imported interface a module with its types, a trait `Host` (and `HostThing` for a resource `thing`), and
///   `add_to_linker`; for the world's own imports `MyWorldImports`. Functions that are async in WIT are `async fn`; all take `&self`,
///   since calls run beside each other.
/// - For each exported interface a module in `exports` with its types and a struct `Guest` (`GuestThing`), whose methods
///   `call_f` are `async`. An error of one is that the instance has [ended](embed::Died).
/// - `MyWorld`, an instance: `MyWorld::add_to_linker`, `MyWorld::instantiate_async`, a method for each exported interface.
///   `MyWorldPre` instantiates one component many times.
/// - `stream<T>` is [`StreamReader<T>`](embed::StreamReader), `future<T>` is [`FutureReader<T>`](embed::FutureReader), a resource that the
///   host implements is a [`HostResource`](embed::HostResource), one that the guest implements a
///   [`GuestResource`](embed::GuestResource), which drops the guest's when it is dropped.
///
/// WASI's own interfaces are not among what a program implements: [`embed::add_wasi_to_linker`] has them. WIT with `flags` needs
/// the crate wasmtime under its own name beside this one.
///
/// Refused, with the reason: streams and futures of resources that the guest implements, `map`, lists of fixed length,
/// `error-context`, getters and setters, and those options of `wasmtime::component::bindgen!` that have no use here (`ownership:
/// Borrowing`, `store`, `verbose_tracing`, `wasmtime_crate`, ..).
#[macro_export]
macro_rules! bindgen {
    ($($options:tt)*) => {
        // The crate may have any name where this is called: `$crate` goes along.
        $crate::embed::rt::bindgen! { $crate { $($options)* } }
    };
}
