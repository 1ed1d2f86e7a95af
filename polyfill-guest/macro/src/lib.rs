//! The macro `generate!` of polyfill-guest.
//!
//! 1. wit-bindgen's own generator makes Rust of the original world: types, traits and modules are exactly what users expect.
//! 2. `isyswasfa_wit::split` makes the world that a WASI 0.2 engine accepts.
//! 3. What touches the ABI in the code of (1) is replaced by what the world of (2) needs.

mod asynchronous;
mod core_world;
mod flat;
mod generate;
mod options;
mod patch;
mod runtime_path;
mod target;
#[cfg(test)]
mod tests;

use proc_macro2::TokenStream;
use quote::quote;
use wit_parser::abi::WasmType;

/// `generate! { BACKEND RUNTIME-CRATE { OPTIONS } }`: what `polyfill_guest::generate!` calls with its own `$crate`.
#[proc_macro]
pub fn generate(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    generate::generate(input.into())
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}

/// `core_world! {}`: the custom section that says what polyfill-guest itself imports.
#[proc_macro]
pub fn core_world(_: proc_macro::TokenStream) -> proc_macro::TokenStream {
    generate::core_section()
        .unwrap_or_else(syn::Error::into_compile_error)
        .into()
}

/// The Rust type of a core wasm value in wit-bindgen's code.
fn wasm_type(ty: WasmType) -> TokenStream {
    match ty {
        WasmType::I32 => quote!(i32),
        WasmType::I64 => quote!(i64),
        WasmType::F32 => quote!(f32),
        WasmType::F64 => quote!(f64),
        WasmType::Pointer => quote!(*mut u8),
        WasmType::Length => quote!(usize),
        WasmType::PointerOrI64 => quote!(::core::mem::MaybeUninit<u64>),
    }
}
