//! wit-bindgen itself, for components of WASI 0.3.

pub use wit_bindgen::*;

/// Generates bindings for a WIT world: `wit_bindgen::generate!`.
#[cfg(feature = "macros")]
#[macro_export]
macro_rules! generate {
    ($($options:tt)*) => {
        $crate::__generate! { native $crate { $($options)* } }
    };
}
