//! What can become async and what cannot, before any body is looked at.

use super::facts::{BodyKind, Facts};
use super::lower::Scope;
use super::methods::{Methods, Of};
use super::tree::{FnId, Function, Owner, Program};
use super::types::{Bound, Ty};
use super::wasi;
use proc_macro2::{TokenStream, TokenTree};
use rustc_hash::FxHashSet;
use syn::visit::{self, Visit};
use syn::{FnArg, Pat, Type, TypeParamBound};

/// Bodies for all functions (with their numbers) and their parameters that are called.
pub fn facts(program: &Program, methods: &Methods) -> Facts {
    let mut facts = Facts::default();
    for (id, function) in program.functions.iter().enumerate() {
        let body = facts.add(BodyKind::Function(id), function.file, None);
        facts.bodies[body].is_async = function.signature.asyncness.is_some();
        facts.bodies[body].blocked = reason(methods, id, function);
    }
    for (id, function) in program.functions.iter().enumerate() {
        if let Some(declaration) = methods.declaration(program, id) {
            facts.join(declaration, id);
        }
        if !matches!(function.owner, Owner::Trait(_)) && methods.of[id].is_none() {
            parameters(program, methods, &mut facts, id, function);
        }
    }
    same_text(program, &mut facts);
    dynamic(program, &mut facts);
    macros(program, &mut facts);
    facts
}

fn reason(methods: &Methods, id: FnId, function: &Function) -> Option<String> {
    let signature = function.signature;
    if let Some(of) = &methods.of[id] {
        match of {
            Of::Own(_) => {}
            Of::Wasi(path) => {
                let full: Vec<_> = path
                    .iter()
                    .map(String::as_str)
                    .chain([function.name.as_str()])
                    .collect();
                if !wasi::is_async(&wasi::item(&full)) {
                    return Some(format!(
                        "a method of `{}`, a trait of the bindings",
                        path.join("::")
                    ));
                }
            }
            Of::Other(name) => {
                return Some(format!("a method of `{name}`, a trait of another crate"));
            }
        }
    }
    if signature.constness.is_some() {
        return Some("a `const` function".to_owned());
    }
    if signature.abi.is_some() {
        return Some("an `extern` function".to_owned());
    }
    let attribute = |names: &[&str]| {
        function.attributes.iter().any(|attribute| {
            attribute
                .path()
                .segments
                .last()
                .is_some_and(|last| names.iter().any(|name| last.ident == name))
        })
    };
    if attribute(&["test", "bench"]) {
        return Some("a test".to_owned());
    }
    if attribute(&[
        "no_mangle",
        "export_name",
        "proc_macro",
        "proc_macro_derive",
        "ctor",
        "start",
        "panic_handler",
    ]) || is_unsafe_attribute(function)
    {
        return Some("a function that is called from outside of the program".to_owned());
    }
    None
}

/// `#[unsafe(no_mangle)]`
fn is_unsafe_attribute(function: &Function) -> bool {
    function
        .attributes
        .iter()
        .any(|attribute| attribute.path().is_ident("unsafe"))
}

/// Parameters with a bound like `Fn()`, which can become `AsyncFn()`.
fn parameters(
    program: &Program,
    methods: &Methods,
    facts: &mut Facts,
    id: FnId,
    function: &Function,
) {
    for (index, input) in function.signature.inputs.iter().enumerate() {
        let FnArg::Typed(input) = input else { continue };
        let Pat::Ident(_) = &*input.pat else { continue };
        if bound_of(function, &input.ty).is_none() {
            continue;
        }
        let scope: &Scope = &methods.scopes[id];
        let Ty::Bounded(_, bounds) = program.lower(function.module, &input.ty, scope) else {
            continue;
        };
        let Some(Bound::Call(_, result)) =
            bounds.iter().find(|bound| matches!(bound, Bound::Call(..)))
        else {
            continue;
        };
        let body = facts.add(BodyKind::Parameter(id, index), function.file, Some(id));
        facts.bodies[body].result = result.clone();
        facts.parameters.insert((id, index), body);
    }
}

/// The bound `Fn…` of a parameter's type, if nothing else has that type.
pub fn bound_of<'a>(function: &Function<'a>, ty: &'a Type) -> Option<&'a syn::Ident> {
    let signature = function.signature;
    match ty {
        Type::Reference(ty) => bound_of(function, &ty.elem),
        Type::Paren(ty) => bound_of(function, &ty.elem),
        Type::ImplTrait(ty) => call_bound(ty.bounds.iter()),
        Type::Path(path) => {
            let name = path.path.get_ident()?;
            let parameter = signature
                .generics
                .type_params()
                .find(|parameter| parameter.ident == *name)?;
            let mut count = Mentions { name, count: 0 };
            count.visit_signature(signature);
            if count.count > 1 {
                return None;
            }
            let clauses = signature
                .generics
                .where_clause
                .iter()
                .flat_map(|clause| &clause.predicates);
            let in_clauses = clauses.filter_map(|predicate| match predicate {
                syn::WherePredicate::Type(predicate) => match &predicate.bounded_ty {
                    Type::Path(path) if path.path.get_ident() == Some(name) => {
                        call_bound(predicate.bounds.iter())
                    }
                    _ => None,
                },
                _ => None,
            });
            call_bound(parameter.bounds.iter()).or_else(|| in_clauses.last())
        }
        _ => None,
    }
}

fn call_bound<'a>(bounds: impl Iterator<Item = &'a TypeParamBound>) -> Option<&'a syn::Ident> {
    let mut found = bounds.filter_map(|bound| match bound {
        TypeParamBound::Trait(bound) => bound.path.segments.last(),
        _ => None,
    });
    let found = found.find(|last| {
        ["Fn", "FnMut", "FnOnce"]
            .iter()
            .any(|name| last.ident == name)
    })?;
    Some(&found.ident)
}

/// How often a parameter's name is a type in the inputs and the output.
struct Mentions<'a> {
    name: &'a syn::Ident,
    count: usize,
}

impl<'ast> Visit<'ast> for Mentions<'_> {
    fn visit_generics(&mut self, _: &'ast syn::Generics) {}

    fn visit_path(&mut self, path: &'ast syn::Path) {
        self.count += usize::from(
            path.segments
                .first()
                .is_some_and(|first| first.ident == *self.name),
        );
        visit::visit_path(self, path);
    }
}

/// A file that two crates include has its functions twice.
fn same_text(program: &Program, facts: &mut Facts) {
    let mut seen = rustc_hash::FxHashMap::default();
    for (id, function) in program.functions.iter().enumerate() {
        let first = *seen
            .entry(super::tree::address(function.signature))
            .or_insert(id);
        if first != id {
            facts.join(first, id);
        }
    }
}

/// The methods of traits that are used as `dyn Trait`.
fn dynamic(program: &Program, facts: &mut Facts) {
    let mut names = Dynamic::default();
    for parsed in program.files.iter().flatten() {
        names.visit_file(&parsed.tree);
    }
    for found in &program.traits {
        if names.0.contains(&found.item.ident.to_string()) {
            facts.dynamic.extend(&found.methods);
        }
    }
}

#[derive(Default)]
struct Dynamic(FxHashSet<String>);

impl<'ast> Visit<'ast> for Dynamic {
    fn visit_type_trait_object(&mut self, ty: &'ast syn::TypeTraitObject) {
        for bound in &ty.bounds {
            if let TypeParamBound::Trait(bound) = bound {
                self.0.extend(
                    bound
                        .path
                        .segments
                        .last()
                        .map(|last| last.ident.to_string()),
                );
            }
        }
        visit::visit_type_trait_object(self, ty);
    }
}

/// Macros by example whose body calls something that blocks, by its name alone.
fn macros(program: &Program, facts: &mut Facts) {
    for (file, parsed) in program.files.iter().enumerate() {
        let Some(parsed) = parsed else { continue };
        let mut found = ByExample::default();
        found.visit_file(&parsed.tree);
        for (name, tokens) in found.0 {
            if !blocking_calls(tokens.clone()).is_empty() {
                let body = facts.add(BodyKind::Macro, file, None);
                facts.bodies[body].is_async = true;
                facts.macros.insert(name, body);
            }
        }
    }
}

/// The macros by example of a file.
#[derive(Default)]
pub struct ByExample<'a>(pub Vec<(String, &'a TokenStream)>);

impl<'ast> Visit<'ast> for ByExample<'ast> {
    fn visit_item_macro(&mut self, item: &'ast syn::ItemMacro) {
        if let Some(ident) = &item.ident {
            self.0.push((ident.to_string(), &item.mac.tokens));
        }
    }
}

/// The ends of calls like `.blocking_read(…)` in tokens, that are not awaited.
pub fn blocking_calls(tokens: TokenStream) -> Vec<proc_macro2::Span> {
    let mut found = Vec::new();
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    for (index, tree) in trees.iter().enumerate() {
        if let TokenTree::Group(group) = tree {
            found.extend(blocking_calls(group.stream()));
        }
        if let [
            TokenTree::Punct(dot),
            TokenTree::Ident(name),
            TokenTree::Group(arguments),
            ..,
        ] = &trees[index..]
            && dot.as_char() == '.'
            && arguments.delimiter() == proc_macro2::Delimiter::Parenthesis
            && wasi::only_async_method(&name.to_string())
        {
            let awaited = matches!(&trees[index + 3..], [TokenTree::Punct(dot), TokenTree::Ident(name), ..] if dot.as_char() == '.' && name == "await");
            if !awaited {
                found.push(arguments.span_close());
            }
        }
    }
    found
}
