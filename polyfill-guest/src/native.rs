//! wit-bindgen itself, for components of WASI 0.3, and the pollables of WASI 0.2.

pub mod pollable;
mod wasi;

pub use wit_bindgen::*;

/// Generates bindings for a WIT world: `wit_bindgen::generate!`.
#[cfg(feature = "macros")]
#[macro_export]
macro_rules! generate {
    ($($options:tt)*) => {
        $crate::__generate! { native $crate { $($options)* } }
    };
}
