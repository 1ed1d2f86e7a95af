//! The modules of a crate, as far as public items are concerned.

use super::items::Items;
use super::signature;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use syn::{
    Attribute, Fields, ImplItem, Item as Syntax, ItemImpl, TraitItem, Type, UseTree, Visibility,
};

/// All modules, by their paths.
#[derive(Default)]
pub struct Tree {
    modules: BTreeMap<String, Module>,
    /// What a path to the crate's other modules means: bindings of WASI 0.3.
    pub beside: Items,
}

#[derive(Default)]
pub struct Module {
    /// Public functions, types and fields, methods and cases, by their paths within the module.
    pub items: BTreeMap<String, Declared>,
    /// Public modules in it.
    pub modules: Vec<String>,
    /// Public names of what is elsewhere, and where.
    pub uses: Vec<(String, Vec<String>)>,
}

/// A public item.
#[derive(Clone, Debug)]
pub struct Declared {
    /// Its signature or definition.
    pub says: String,
    pub is_async: bool,
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

fn is_hidden(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("doc")
            && attribute
                .parse_args::<syn::Ident>()
                .is_ok_and(|word| word == "hidden")
    })
}

impl Tree {
    pub fn module(&self, path: &str) -> Option<&Module> {
        self.modules.get(path)
    }

    /// Whether a module can be named from outside.
    pub fn is_public(&self, path: &str) -> bool {
        let Some((outer, name)) = path.rsplit_once("::") else {
            return true;
        };
        let outer_has = |outer: &Module| outer.modules.iter().any(|module| module == name);
        self.modules.get(outer).is_some_and(outer_has) && self.is_public(outer)
    }

    /// Reads a file as the module `path`, and those of its modules that are files.
    pub fn load(&mut self, file: &Path, path: &[String]) {
        let text = fs::read_to_string(file)
            .unwrap_or_else(|error| panic!("`{}`: {error}", file.display()));
        let syntax =
            syn::parse_file(&text).unwrap_or_else(|error| panic!("`{}`: {error}", file.display()));
        self.read(&syntax.items, path, &file.with_extension(""));
    }

    fn read(&mut self, items: &[Syntax], path: &[String], folder: &Path) {
        let mut module = Module::default();
        for item in items {
            match item {
                Syntax::Mod(inner) => {
                    let name = inner.ident.to_string();
                    let inner_path = [path, std::slice::from_ref(&name)].concat();
                    if inner.attrs.iter().any(|it| it.path().is_ident("cfg")) {
                        continue;
                    }
                    match &inner.content {
                        Some((_, items)) => self.read(items, &inner_path, &folder.join(&name)),
                        None => self.load(&folder.join(&name).with_extension("rs"), &inner_path),
                    }
                    if is_public(&inner.vis) {
                        module.modules.push(name);
                    }
                }
                Syntax::Use(item) if is_public(&item.vis) && !is_hidden(&item.attrs) => {
                    flatten(&item.tree, &mut Vec::new(), &mut module.uses);
                }
                item => module.declare(item),
            }
        }
        self.modules.insert(path.join("::"), module);
    }
}

/// The names that a `use` makes.
fn flatten(tree: &UseTree, path: &mut Vec<String>, uses: &mut Vec<(String, Vec<String>)>) {
    let mut add = |name: String, last: String| {
        let target = path.iter().cloned().chain([last]).collect();
        uses.push((name, target));
    };
    match tree {
        UseTree::Path(inner) => {
            path.push(inner.ident.to_string());
            flatten(&inner.tree, path, uses);
            path.pop();
        }
        UseTree::Name(name) => add(name.ident.to_string(), name.ident.to_string()),
        UseTree::Rename(rename) => add(rename.rename.to_string(), rename.ident.to_string()),
        UseTree::Group(group) => {
            for tree in &group.items {
                flatten(tree, path, uses);
            }
        }
        UseTree::Glob(_) => panic!("a glob hides what there is"),
    }
}

impl Module {
    fn add(&mut self, path: String, says: String, is_async: bool) {
        self.items.insert(path, Declared { says, is_async });
    }

    fn declare(&mut self, item: &Syntax) {
        match item {
            Syntax::Fn(item) if is_public(&item.vis) && !is_hidden(&item.attrs) => {
                let name = item.sig.ident.to_string();
                let is_async = item.sig.asyncness.is_some();
                self.add(name, signature::function(&item.sig), is_async);
            }
            Syntax::Type(item) if is_public(&item.vis) => {
                self.add(item.ident.to_string(), signature::alias(&item.ty), false);
            }
            Syntax::Struct(item) if is_public(&item.vis) => {
                let name = item.ident.to_string();
                for field in public_fields(&item.fields) {
                    let field_name = field.ident.as_ref().expect("a named field");
                    self.add(
                        format!("{name}::{field_name}"),
                        signature::ty(&field.ty),
                        false,
                    );
                }
                self.add(name, "a type".to_owned(), false);
            }
            Syntax::Enum(item) if is_public(&item.vis) => {
                let name = item.ident.to_string();
                for (number, case) in item.variants.iter().enumerate() {
                    let payload: Vec<_> = case
                        .fields
                        .iter()
                        .map(|field| signature::ty(&field.ty))
                        .collect();
                    let says = format!("case {number}: {payload:?}");
                    self.add(format!("{name}::{}", case.ident), says, false);
                }
                self.add(name, "a type".to_owned(), false);
            }
            Syntax::Trait(item) if is_public(&item.vis) => {
                let name = item.ident.to_string();
                for method in &item.items {
                    if let TraitItem::Fn(method) = method {
                        let path = format!("{name}::{}", method.sig.ident);
                        let is_async = method.sig.asyncness.is_some();
                        self.add(path, signature::function(&method.sig), is_async);
                    }
                }
                self.add(name, "a trait".to_owned(), false);
            }
            Syntax::Impl(item) if item.trait_.is_none() => self.methods(item),
            Syntax::Macro(item) => {
                for (path, says) in signature::of_macro(item) {
                    self.add(path, says, false);
                }
            }
            _ => {}
        }
    }

    fn methods(&mut self, item: &ItemImpl) {
        let Type::Path(ty) = &*item.self_ty else {
            return;
        };
        let name = &ty.path.segments.last().expect("a segment").ident;
        for method in &item.items {
            if let ImplItem::Fn(method) = method
                && is_public(&method.vis)
                && !is_hidden(&method.attrs)
            {
                let path = format!("{name}::{}", method.sig.ident);
                let is_async = method.sig.asyncness.is_some();
                self.add(path, signature::function(&method.sig), is_async);
            }
        }
    }
}

fn public_fields(fields: &Fields) -> impl Iterator<Item = &syn::Field> {
    fields
        .iter()
        .filter(|field| is_public(&field.vis) && field.ident.is_some())
}
