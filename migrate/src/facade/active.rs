//! Which of the items with `cfg` the build for WASI 0.2 with default features has. The others are rewritten too, but what a name means is told by those.

use super::packages::Package;
use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::{Attribute, Item, Meta};

/// Whether all conditions hold, as far as they are known.
pub fn is_active(attributes: &[Attribute], package: &Package) -> bool {
    let mut conditions = attributes
        .iter()
        .filter_map(|attribute| match &attribute.meta {
            Meta::List(list) if list.path.is_ident("cfg") => Some(list.tokens.clone()),
            _ => None,
        });
    conditions.all(|condition| holds(condition, package) != Some(false))
}

/// The attributes of an item that can have a name.
pub fn attributes_of(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// `None` if it is not known.
fn holds(condition: TokenStream, package: &Package) -> Option<bool> {
    let trees: Vec<TokenTree> = condition.into_iter().collect();
    match &trees[..] {
        [TokenTree::Ident(name), TokenTree::Group(group)]
            if group.delimiter() == Delimiter::Parenthesis =>
        {
            let parts: Vec<_> = parts(group.stream())
                .into_iter()
                .map(|part| holds(part, package))
                .collect();
            match name.to_string().as_str() {
                "not" => parts.first().copied().flatten().map(|holds| !holds),
                "all" if parts.contains(&Some(false)) => Some(false),
                "all" if parts.contains(&None) => None,
                "all" => Some(true),
                "any" if parts.contains(&Some(true)) => Some(true),
                "any" if parts.contains(&None) => None,
                "any" => Some(false),
                _ => None,
            }
        }
        [
            TokenTree::Ident(name),
            TokenTree::Punct(_),
            TokenTree::Literal(value),
        ] => {
            let value = value.to_string();
            let value = value.trim_matches('"');
            match name.to_string().as_str() {
                "feature" => Some(package.features.iter().any(|feature| feature == value)),
                "target_arch" => Some(value == "wasm32"),
                "target_os" => Some(value == "wasi"),
                "target_family" => Some(value == "wasm"),
                "target_env" => Some(value == "p2"),
                "target_pointer_width" => Some(value == "32"),
                _ => None,
            }
        }
        [TokenTree::Ident(name)] => match name.to_string().as_str() {
            "test" | "unix" | "windows" | "doc" | "doctest" | "miri" => Some(false),
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        },
        _ => None,
    }
}

/// The parts between commas.
fn parts(tokens: TokenStream) -> Vec<TokenStream> {
    let mut parts = vec![TokenStream::new()];
    for tree in tokens {
        match tree {
            TokenTree::Punct(punct) if punct.as_char() == ',' => parts.push(TokenStream::new()),
            tree => parts.last_mut().expect("there is one").extend([tree]),
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions() {
        let package = Package {
            features: vec!["sync".to_owned()],
            ..Package::default()
        };
        let holds = |text: &str| holds(text.parse().unwrap(), &package);
        assert_eq!(holds("feature = \"sync\""), Some(true));
        assert_eq!(holds("not(feature = \"sync\")"), Some(false));
        assert_eq!(
            holds("all(target_os = \"wasi\", not(feature = \"async\"))"),
            Some(true)
        );
        assert_eq!(holds("any(test, special)"), None);
        assert_eq!(holds("all(windows, special)"), Some(false));
    }
}
