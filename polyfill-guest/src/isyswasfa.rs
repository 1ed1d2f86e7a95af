//! The runtime for the split ABI.

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

/// Generates bindings for a WIT world: see `wit_bindgen::generate!` 0.63, whose options all work.
///
/// ```ignore
/// wit_bindgen::generate!();                        // the only world in `wit`
/// wit_bindgen::generate!("my-world");              // by name
/// wit_bindgen::generate!("my-world" in "path");    // from elsewhere
/// wit_bindgen::generate!({ world: "my-world", path: "path", generate_all });
/// ```
#[cfg(feature = "macros")]
#[macro_export]
macro_rules! generate {
    ($($options:tt)*) => {
        // The crate may have any name where this is called: `$crate` goes along.
        $crate::__generate! { isyswasfa $crate { $($options)* } }
    };
}
