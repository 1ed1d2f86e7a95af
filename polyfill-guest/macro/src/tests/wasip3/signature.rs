//! Items as one line each, for comparison.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::ToTokens;
use syn::visit_mut::VisitMut;
use syn::{Attribute, Item, Signature, Visibility};

pub(super) fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

pub(super) fn is_hidden(attributes: &[Attribute]) -> bool {
    attributes
        .iter()
        .any(|it| it.path().is_ident("doc") && it.to_token_stream().to_string().contains("hidden"))
}

/// The name of an item that is there for all.
pub(super) fn public_name(item: &Item) -> Option<String> {
    let (visibility, attributes, name) = match item {
        Item::Mod(it) => (&it.vis, &it.attrs, &it.ident),
        Item::Fn(it) => (&it.vis, &it.attrs, &it.sig.ident),
        Item::Struct(it) => (&it.vis, &it.attrs, &it.ident),
        Item::Enum(it) => (&it.vis, &it.attrs, &it.ident),
        Item::Trait(it) => (&it.vis, &it.attrs, &it.ident),
        Item::Type(it) => (&it.vis, &it.attrs, &it.ident),
        Item::Const(it) => (&it.vis, &it.attrs, &it.ident),
        Item::Static(it) => (&it.vis, &it.attrs, &it.ident),
        _ => return None,
    };
    (is_public(visibility) && !is_hidden(attributes)).then(|| name.to_string())
}

/// The lines for an item itself.
pub(super) fn described(item: &Item, path: &str) -> Vec<String> {
    let derived = |attributes: &[Attribute]| {
        let mut lines = Vec::new();
        for attribute in attributes.iter().filter(|it| it.path().is_ident("derive")) {
            let _ = attribute.parse_nested_meta(|meta| {
                let of = meta.path.segments.last().expect("a name").ident.to_string();
                if of == "Error" {
                    // `thiserror` derives both.
                    lines.push(format!("impl Display for {path}"));
                }
                lines.push(format!("impl {of} for {path}"));
                Ok(())
            });
        }
        lines
    };
    match item {
        Item::Fn(it) => vec![format!("fn {path} {}", signature(&it.sig))],
        Item::Struct(it) => {
            let mut lines = derived(&it.attrs);
            lines.push(format!("struct {path} {}", short(&it.generics)));
            for (at, field) in it.fields.iter().enumerate() {
                if is_public(&field.vis) {
                    let name = field
                        .ident
                        .as_ref()
                        .map_or(at.to_string(), ToString::to_string);
                    lines.push(format!("field {path}::{name} {}", short(&field.ty)));
                }
            }
            lines
        }
        Item::Enum(it) => {
            let mut lines = derived(&it.attrs);
            for variant in &it.variants {
                let fields = short(&variant.fields);
                lines.push(format!("variant {path}::{} {fields}", variant.ident));
            }
            lines
        }
        Item::Trait(it) => {
            let mut lines = vec![format!(
                "trait {path} {} : {}",
                short(&it.generics),
                short(&it.supertraits)
            )];
            for item in &it.items {
                match item {
                    syn::TraitItem::Fn(it) if !is_hidden(&it.attrs) => {
                        lines.push(format!(
                            "fn {path}::{} {}",
                            it.sig.ident,
                            signature(&it.sig)
                        ));
                    }
                    syn::TraitItem::Type(it) => lines.push(format!("type {path}::{}", it.ident)),
                    _ => {}
                }
            }
            lines
        }
        Item::Type(it) => vec![format!(
            "type {path} {} = {}",
            short(&it.generics),
            short(&it.ty)
        )],
        _ => vec![format!("item {path}")],
    }
}

/// A signature without the names of its parameters.
pub(super) fn signature(signature: &Signature) -> String {
    let inputs = signature.inputs.iter().map(|input| match input {
        syn::FnArg::Receiver(receiver) => {
            let receiver = receiver.to_token_stream().to_string();
            receiver.trim_start_matches("mut ").to_owned()
        }
        syn::FnArg::Typed(typed) => short(&typed.ty),
    });
    let inputs = inputs.collect::<Vec<_>>().join(", ");
    let asynchronous = if signature.asyncness.is_some() {
        "async "
    } else {
        ""
    };
    let generics = short(&signature.generics);
    let bounds = signature
        .generics
        .where_clause
        .as_ref()
        .map(short)
        .unwrap_or_default();
    let output = short(&signature.output);
    format!("{asynchronous}{generics} ({inputs}) {output} {bounds}")
}

/// Tokens with every path cut down to its last name: where a type is defined is not what is compared.
pub(super) fn short<T: ToTokens>(tokens: &T) -> String {
    struct Shorten;
    impl VisitMut for Shorten {
        fn visit_path_mut(&mut self, path: &mut syn::Path) {
            syn::visit_mut::visit_path_mut(self, path);
            path.leading_colon = None;
            let last = path.segments.pop().expect("a name");
            path.segments.clear();
            path.segments.push(last);
        }
    }
    let tokens = tokens.to_token_stream();
    if let Ok(mut ty) = syn::parse2::<syn::Type>(tokens.clone()) {
        Shorten.visit_type_mut(&mut ty);
        return clean(ty.to_token_stream());
    }
    if let Ok(mut output) = syn::parse2::<syn::ReturnType>(tokens.clone()) {
        Shorten.visit_return_type_mut(&mut output);
        return clean(output.to_token_stream());
    }
    // Whatever else: by hand, name by name.
    clean(tokens)
}

/// Without trailing commas, attributes and paths' beginnings.
pub(super) fn clean(tokens: TokenStream) -> String {
    let text = without_attributes(tokens).to_string().replace(",)", ")");
    let words: Vec<&str> = text.split_whitespace().collect();
    let mut kept: Vec<&str> = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let next = words.get(at + 1).copied().unwrap_or_default();
        match *word {
            // `Vec::<u8>`
            "::" if next == "<" => {}
            "::" => {
                kept.pop_if(|before| before.chars().all(|c| c.is_alphanumeric() || c == '_'));
            }
            "," if next.starts_with([')', '>', '}']) || next.is_empty() => {}
            word => kept.push(word),
        }
    }
    kept.join(" ")
        .replace(" + 'static", "")
        .replace("Box < dyn Error + Send + Sync >", "BoxError")
        .replace(" )", ")")
}

pub(super) fn without_attributes(tokens: TokenStream) -> TokenStream {
    let mut kept = TokenStream::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '#' => {
                tokens.next();
            }
            TokenTree::Group(group) => {
                let inner = without_attributes(group.stream());
                kept.extend([TokenTree::Group(Group::new(group.delimiter(), inner))]);
            }
            token => kept.extend([token]),
        }
    }
    kept
}

pub(super) fn last(ty: &syn::Type) -> String {
    match ty {
        syn::Type::Path(path) => path.path.segments.last().expect("a name").ident.to_string(),
        _ => String::new(),
    }
}
