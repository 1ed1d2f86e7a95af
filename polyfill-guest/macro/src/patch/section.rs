//! Patches the custom section that tells `wit-component` the world: the split world takes the place of the original.

use proc_macro2::{Literal, TokenStream, TokenTree};
use quote::quote;
use syn::ItemStatic;

const NAME: &str = "__WIT_BINDGEN_COMPONENT_TYPE";

/// Replaces the contents, if `item` is that section.
pub fn replace(item: &mut ItemStatic, section: &[u8]) {
    if item.ident == NAME {
        let (len, bytes) = (section.len(), Literal::byte_string(section));
        *item.ty = syn::parse_quote!([u8; #len]);
        *item.expr = syn::parse_quote!(*#bytes);
    }
}

/// The same in the body of a macro: `static NAME: [u8; N] = *b"..";`.
pub fn replace_in_tokens(tokens: TokenStream, section: &[u8]) -> TokenStream {
    let mut out = Vec::new();
    let mut tokens = tokens.into_iter();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Ident(ident) if ident == NAME => {
                let (len, bytes) = (section.len(), Literal::byte_string(section));
                out.extend(quote!(#ident: [u8; #len] = *#bytes;));
                for skipped in tokens.by_ref() {
                    if matches!(&skipped, TokenTree::Punct(p) if p.as_char() == ';') {
                        break;
                    }
                }
            }
            TokenTree::Group(group) => {
                let inner = replace_in_tokens(group.stream(), section);
                out.push(proc_macro2::Group::new(group.delimiter(), inner).into());
            }
            token => out.push(token),
        }
    }
    out.into_iter().collect()
}
