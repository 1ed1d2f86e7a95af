//! The items that generated code names: wit-bindgen's own runtime, with the asynchronous part replaced.

pub use wit_bindgen::rt::*;

pub mod async_support;

/// What every exported function does first: runs static constructors, and makes panics heard.
#[cfg(target_family = "wasm")]
#[inline]
pub fn run_ctors_once() {
    thread_local! {
        static ENTERED: std::cell::Cell<bool> = const { std::cell::Cell::new(false) };
    }
    #[cold]
    fn first() {
        wit_bindgen::rt::run_ctors_once();
        crate::isyswasfa::panic::install();
    }
    if !ENTERED.replace(true) {
        first();
    }
}
