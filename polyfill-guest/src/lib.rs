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
//! What is different from wit-bindgen:
//! - [`spawn_local`] works anywhere, and its tasks live as long as the component instance.
//! - [`block_on`] and [`yield_blocking`] keep the other components from running.
//! - A `borrow` of another component's resource can't be a parameter of an exported `async` function: the macro says so.
//! - [`pollable`] awaits the pollables of WASI 0.2.

#[doc(hidden)]
pub mod rt;

mod core_world;
mod panic;
pub mod pollable;

pub use rt::async_support::{
    AbiBuffer, FutureOps, FutureRead, FutureReader, FutureWrite, FutureWriteCancel,
    FutureWriteError, FutureWriter, JoinHandle, RawFutureRead, RawFutureReader, RawFutureWrite,
    RawFutureWriter, RawStreamRead, RawStreamReader, RawStreamWrite, RawStreamWriter, StreamOps,
    StreamRead, StreamReader, StreamResult, StreamWrite, StreamWriter, UnitStreamOps,
    backpressure_dec, backpressure_inc, block_on, spawn_local, yield_async, yield_blocking,
};
pub use wit_bindgen::resource;

#[doc(hidden)]
pub use polyfill_guest_macro::generate as __generate;

/// Generates bindings for a WIT world: see `wit_bindgen::generate!` 0.63, whose options all work.
///
/// ```ignore
/// wit_bindgen::generate!();                        // the only world in `wit`
/// wit_bindgen::generate!("my-world");              // by name
/// wit_bindgen::generate!("my-world" in "path");    // from elsewhere
/// wit_bindgen::generate!({ world: "my-world", path: "path", generate_all });
/// ```
#[macro_export]
macro_rules! generate {
    ($($options:tt)*) => {
        // The crate may have any name where this is called: `$crate` goes along.
        $crate::__generate! { $crate { $($options)* } }
    };
}
