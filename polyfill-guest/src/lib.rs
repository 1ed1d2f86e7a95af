//! A drop-in for the crate `wit-bindgen` whose asynchronous functions, streams and futures run on WASI 0.2.
//!
//! Write a guest against WASI 0.3 and wit-bindgen as usual; in `Cargo.toml`, take this crate under that name:
//!
//! ```toml
//! [dependencies]
//! wit-bindgen = { package = "polyfill-guest", version = "0.1" }
//! ```
//!
//! The component that comes out has the *split* ABI: `async` functions are pairs of ordinary ones, streams and futures are
//! resources. Any engine that knows WASI 0.2 accepts it.
//!
//! With the feature `native` it *is* wit-bindgen, and the component one of WASI 0.3.
//!
//! Other differences from wit-bindgen:
//! - [`spawn_local`] works anywhere, and its tasks live as long as the component instance.
//! - [`block_on`] and [`yield_blocking`] keep the other components from running.
//! - A `borrow` of another component's resource can't be a parameter of an exported `async` function: the macro says so.
//! - `generate!` has an option `wasi: "0.3"`, or a list of such versions: WASI's WIT, which then need not be in a folder `wit/deps`.
//!   Keys of `with` and the world may leave out the version of a package.
//! - [`pollable`](mod@pollable) awaits the pollables of WASI 0.2, on both backends.

#[cfg(not(feature = "native"))]
mod isyswasfa;
#[cfg(not(feature = "native"))]
pub use isyswasfa::*;

#[cfg(feature = "native")]
mod native;
#[cfg(feature = "native")]
pub use native::*;

#[cfg(feature = "macros")]
#[doc(hidden)]
pub use polyfill_guest_macro::generate as __generate;
