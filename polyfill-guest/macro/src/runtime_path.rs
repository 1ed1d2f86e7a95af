//! Where generated code finds polyfill-guest: under whatever name the calling crate knows it.
//!
//! `polyfill_guest::generate!` hands on its `$crate`, a token that means that crate wherever it ends up. wit-bindgen's generator
//! takes the path as text, where the token would lose its meaning; so it is given a placeholder, which is replaced afterwards.

use proc_macro2::{Group, Ident, Span, TokenStream, TokenTree};

/// The placeholder.
pub const PLACEHOLDER: &str = "__isyswasfa_crate";

/// Replaces the placeholder by `krate` everywhere. All other names mean what they mean to the
/// `caller`: as tokens of `polyfill_guest::generate!`, which is between him and us, a `$crate` of
/// his own (in `default_bindings_module`) would be polyfill-guest.
pub fn replace(tokens: TokenStream, krate: &TokenStream, caller: Span) -> TokenStream {
    let mut out = Vec::new();
    for mut token in tokens {
        let span = token.span().resolved_at(caller);
        match token {
            TokenTree::Ident(ident) if is_placeholder(&ident) => out.extend(krate.clone()),
            TokenTree::Group(group) => {
                let stream = replace(group.stream(), krate, caller);
                let mut new = Group::new(group.delimiter(), stream);
                new.set_span(span);
                out.push(TokenTree::Group(new));
            }
            _ => {
                token.set_span(span);
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
