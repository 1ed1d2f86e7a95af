//! Split components in a store: instantiating them, calling their async exports, implementing their async imports.
//!
//! # Without generated code
//!
//! The guest of this example is `cases/round-trip` (in the repository). It exports an interface,
//! imports the same one, and both have `pass: async func(text: string) -> string`.
//!
//! ```
//! use polyfill_host::engine::{EngineOptions, Features};
//! use polyfill_host::split::{SplitCtx, SplitPre, SplitView, async_imports};
//! use polyfill_host::wasi;
//! use wasmtime::component::{Component, Linker, ResourceTable};
//! use wasmtime::{Result, Store};
//! use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
//!
//! /// What each instance has of its own.
//! struct State {
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
//! // The interface's name in the WIT, and the suffix of what the split has changed.
//! const LINE: &str = "cases:round-trip/line@0.1.0-isyswasfa";
//!
//! #[tokio::main]
//! async fn main() -> Result<()> {
//!     // Once: an engine, and the component, compiled for it.
//!     let engine = EngineOptions::default().engine(Features::Plain)?;
//!     let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/guests/isyswasfa/round-trip.wasm");
//!     let component = Component::from_file(&engine, file)?;
//!
//!     // What the component may import: WASI 0.3, WASI 0.2, the pipes of its streams and futures,
//!     // and a function of our own. Calls of it run beside the guest and beside each other.
//!     let mut linker = Linker::<State>::new(&engine);
//!     wasi::add_to_linker(&mut linker)?;
//!     wasi::add_p2_to_linker(&mut linker)?;
//!     wasi::add_value_pipes(&mut linker, &component)?;
//!     async_imports(&mut linker, LINE)?.func("pass", |_store, (text,): (String,)| async move {
//!         tokio::time::sleep(std::time::Duration::from_millis(10)).await;
//!         Ok((format!("{text} > host"),))
//!     })?;
//!     let pre = SplitPre::new(linker.instantiate_pre(&component)?);
//!
//!     // An instance, and what it exports.
//!     let state = State {
//!         split: SplitCtx::default(),
//!         wasi: WasiCtx::builder().inherit_stderr().build(),
//!         table: ResourceTable::new(),
//!     };
//!     let instance = pre.instantiate(Store::new(&engine, state)).await?;
//!     let pass = instance.async_func::<(String,), (String,)>(Some(LINE), "pass").await?;
//!
//!     // Any number of calls at the same time. Dropping a call's future cancels it.
//!     let (one, two) = tokio::join!(pass.call(("one".into(),)), pass.call(("two".into(),)));
//!     assert_eq!(one?, ("one > guest > host < guest".into(),));
//!     assert_eq!(two?, ("two > guest > host < guest".into(),));
//!     Ok(())
//! }
//! ```

mod call;
mod ctx;
mod deadlock;
mod driver;
#[cfg(feature = "serve")]
mod dynamic;
mod fuel;
mod halves;
mod import;
mod inline;
mod instance;
mod later;
mod layers;
mod run;
mod versions;

pub use crate::core::Limits;
pub use call::AsyncFunc;
pub use ctx::{SplitCtx, SplitView};
pub use halves::Results;
pub use import::{AsyncImports, async_import, async_imports};
pub use instance::SplitPre;
pub use instance::{Died, SplitInstance};
pub use versions::{is_version_of, versions};

pub(crate) use call::split_name;
pub(crate) use driver::Alive;
#[cfg(feature = "serve")]
pub(crate) use dynamic::DynamicCall;
pub(crate) use fuel::set_hostcall_fuel;
pub(crate) use halves::TypedHalves;
pub(crate) use import::add_poll;
pub(crate) use later::Later;
pub(crate) use layers::{Bounds, Layer};
