//! The macro `bindgen!` of polyfill-host.
//!
//! 1. The WIT is parsed, and `isyswasfa_wit::split` gives the names of interfaces and functions in split components.
//! 2. Rust is generated from the unsplit world: types with wasmtime's own derives, a trait for each imported interface, a
//!    struct for each exported one. Types that differ between the ABIs are polyfill-host's, which work with both.

mod definition;
mod exports;
mod filter;
mod function;
mod generator;
mod imports;
mod names;
mod options;
mod reference;
#[cfg(test)]
mod tests;
mod world;

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::parse::{ParseStream, Parser};
use syn::{Error, Path, braced};

use crate::generator::Generator;
use crate::options::Options;
use isyswasfa_wit::source::{Source, Wanted};
use wit_parser::Resolve;

/// `bindgen! { RUNTIME-CRATE { OPTIONS } }`: what `polyfill_host::bindgen!` calls with its own `$crate`.
#[proc_macro]
pub fn bindgen(input: proc_macro::TokenStream) -> proc_macro::TokenStream {
    expand(input.into())
        .unwrap_or_else(Error::into_compile_error)
        .into()
}

fn expand(input: TokenStream) -> Result<TokenStream, Error> {
    let parse = |input: ParseStream<'_>| {
        let krate: Path = input.call(Path::parse_mod_style)?;
        let content;
        braced!(content in input);
        Ok((krate.to_token_stream(), content.parse::<Options>()?))
    };
    let (krate, options) = parse.parse2(input)?;
    let resolve = Resolve {
        // Unstable items are included, as in wasmtime's macro.
        all_features: true,
        ..Resolve::default()
    };
    let wanted = Wanted {
        paths: &options.paths,
        wasi: &[],
        inline: options.inline.as_deref(),
        world: options.world.as_deref(),
    };
    let source = Source::parse(resolve, &wanted).map_err(error)?;
    let mut code = Generator::new(&source, &options, krate)?.generate()?;
    // The compiler learns which files the code depends on.
    for file in &source.files {
        let file = file.display().to_string();
        code.extend(quote!(
            const _: &[u8] = include_bytes!(#file);
        ));
    }
    if options.stringify {
        let text = code.to_string();
        return Ok(quote!(#text));
    }
    Ok(code)
}

/// An error of the whole macro call.
fn error(message: impl std::fmt::Display) -> Error {
    Error::new(proc_macro2::Span::call_site(), message)
}
