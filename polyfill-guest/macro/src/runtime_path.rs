//! The path of polyfill-guest in generated code, under whatever name the calling crate knows it.
//!
//! `polyfill_guest::generate!` hands on its `$crate`, a token that means that crate wherever it ends up. wit-bindgen's generator
//! takes the path as text, where the token would lose its meaning; so it is given a placeholder, which is replaced afterwards.
//!
//! The other way round, a `$crate` of the caller's (in the option `default_bindings_module`) must not become ours because our
//! `macro_rules` is in between: everything else is resolved where the caller's own tokens are.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};

/// The placeholder.
pub const PLACEHOLDER: &str = "__isyswasfa_crate";

/// Replaces the placeholder by `krate` everywhere; all other tokens are resolved as `caller` is.
pub fn replace(tokens: TokenStream, krate: &TokenStream, caller: Span) -> TokenStream {
    let mut out = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Ident(ident) if is_placeholder(&ident) => out.extend(krate.clone()),
            TokenTree::Group(group) => {
                let inner = replace(group.stream(), krate, caller);
                let mut new = Group::new(group.delimiter(), inner);
                new.set_span(group.span().resolved_at(caller));
                out.push(TokenTree::Group(new));
            }
            mut token => {
                token.set_span(token.span().resolved_at(caller));
                out.push(token);
            }
        }
    }
    out.into_iter().collect()
}

fn is_placeholder(ident: &Ident) -> bool {
    ident == PLACEHOLDER
}

/// The name by which the package being built knows this crate, for where `$crate` can't go: a file.
pub fn name() -> String {
    let manifest = std::env::var("CARGO_MANIFEST_DIR")
        .ok()
        .and_then(|dir| std::fs::read_to_string(format!("{dir}/Cargo.toml")).ok())
        .unwrap_or_default();
    // `wit-bindgen = { package = "polyfill-guest", .. }`, in one line as it mostly is.
    let renamed = manifest.lines().find_map(|line| {
        let (name, rest) = line.split_once('=')?;
        rest.contains("\"polyfill-guest\"").then(|| name.trim())
    });
    renamed.unwrap_or("polyfill-guest").replace('-', "_")
}
