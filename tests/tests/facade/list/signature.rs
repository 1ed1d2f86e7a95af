//! Signatures and definitions as text that is the same if they mean the same.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::visit_mut::{self, VisitMut};
use syn::{ItemMacro, PathSegment, ReturnType, Signature, Token, Type, TypeReference};

/// Leaves out what does not matter: how a path begins, lifetimes, and what is not said for `()`.
struct Plain;

impl VisitMut for Plain {
    fn visit_path_mut(&mut self, path: &mut syn::Path) {
        let last: Option<PathSegment> = path.segments.last().cloned();
        path.leading_colon = None;
        path.segments = last.into_iter().collect();
        visit_mut::visit_path_mut(self, path);
    }

    fn visit_type_reference_mut(&mut self, reference: &mut TypeReference) {
        reference.lifetime = None;
        visit_mut::visit_type_reference_mut(self, reference);
    }

    fn visit_return_type_mut(&mut self, result: &mut ReturnType) {
        if matches!(result, ReturnType::Type(_, ty) if matches!(&**ty, Type::Tuple(tuple) if tuple.elems.is_empty()))
        {
            *result = ReturnType::Default;
        }
        visit_mut::visit_return_type_mut(self, result);
    }
}

fn text(tokens: &impl ToTokens) -> String {
    // A trailing comma means nothing.
    let text = tokens.to_token_stream().to_string();
    text.replace(" ,)", ")").replace(", >", ">")
}

/// A signature, without `async`.
pub fn function(signature: &Signature) -> String {
    let mut signature = signature.clone();
    signature.asyncness = None::<Token![async]>;
    Plain.visit_signature_mut(&mut signature);
    text(&signature)
}

pub fn ty(ty: &Type) -> String {
    let mut ty = ty.clone();
    Plain.visit_type_mut(&mut ty);
    text(&ty)
}

/// What another name of a type means: of one that has a name itself, nothing but that it is a type.
pub fn alias(of: &Type) -> String {
    match of {
        Type::Path(path) if path.path.segments.len() > 2 => "a type".to_owned(),
        of => format!("= {}", ty(of)),
    }
}

/// The items that a macro declares: flags, by `bitflags!`, and error codes, by the facade's own macro.
pub fn of_macro(item: &ItemMacro) -> Vec<(String, String)> {
    let name = item.mac.path.segments.last().expect("a segment");
    match name.ident.to_string().as_str() {
        "bitflags" => flags(&item.mac.tokens),
        "error_code" => error_code(&item.mac.tokens),
        _ => Vec::new(),
    }
}

/// `pub struct NAME : u8 { const FLAG = 1 << 0; ... }`
fn flags(tokens: &TokenStream) -> Vec<(String, String)> {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let at = tokens
        .iter()
        .position(|token| matches!(token, TokenTree::Ident(word) if word == "struct"));
    let name = tokens[at.expect("a struct") + 1].to_string();
    let Some(TokenTree::Group(body)) = tokens.last() else {
        panic!("`{name}` has no flags");
    };
    let mut items = vec![(name.clone(), "a type".to_owned())];
    let words = idents(body.stream());
    for (number, pair) in words
        .windows(2)
        .filter(|pair| pair[0] == "const")
        .enumerate()
    {
        items.push((format!("{name}::{}", pair[1]), format!("flag {number}")));
    }
    items
}

/// `CASE = "name", "message"; ...`
fn error_code(tokens: &TokenStream) -> Vec<(String, String)> {
    let name = "ErrorCode";
    let mut items = vec![(name.to_owned(), "a type".to_owned())];
    for (number, case) in idents(tokens.clone()).iter().enumerate() {
        let says = format!("case {number}: []");
        items.push((format!("{name}::{case}"), says));
    }
    for method in ["name", "message"] {
        let says = format!("fn {method} (& self) -> & str");
        items.push((format!("{name}::{method}"), says));
    }
    items
}

fn idents(tokens: TokenStream) -> Vec<String> {
    let words = tokens.into_iter().filter_map(|token| match token {
        TokenTree::Ident(word) => Some(word.to_string()),
        _ => None,
    });
    words.collect()
}
