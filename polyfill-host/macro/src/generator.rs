//! The common parts of the generator: the world, its options, and the paths of its modules.

use crate::error;
use crate::names::{Keys, module};
use crate::options::{Options, With};
use isyswasfa_wit::Split;
use isyswasfa_wit::source::Source;
use proc_macro2::{Ident, Span, TokenStream};
use quote::{format_ident, quote};
use std::cell::RefCell;
use std::collections::{BTreeMap, HashMap, HashSet};
use syn::{Error, Result};
use wit_parser::{
    Function, IndexMap, InterfaceId, PackageName, Resolve, Type, TypeDefKind, TypeId, TypeOwner,
    World, WorldItem, WorldKey,
};

/// Packages of `wasi` that the host implements (`polyfill_host::wasi`), and programs do not.
const PROVIDED: [&str; 7] = [
    "cli",
    "clocks",
    "filesystem",
    "http",
    "io",
    "random",
    "sockets",
];

/// Generates the bindings of one world.
pub struct Generator<'a> {
    pub resolve: &'a Resolve,
    pub world: &'a World,
    pub options: &'a Options,
    pub split: Split,
    pub imported: IndexMap<InterfaceId, Interface>,
    pub exported: IndexMap<InterfaceId, Interface>,
    /// Types that functions return as errors.
    pub errors: HashSet<TypeId>,
    /// The path of polyfill-host.
    pub krate: TokenStream,
    /// The entries of `with` and `trappable_error_type` that were used, and whether for a type.
    used: RefCell<HashMap<String, bool>>,
}

/// An imported or exported interface.
pub struct Interface {
    pub key: WorldKey,
    /// Its path from the place of the macro call.
    pub module: Vec<Ident>,
    /// Its name in native components.
    pub native: String,
    /// Its name in split components.
    pub split: String,
    /// The user's module for it, as seen from the place of the macro call.
    pub replaced: Option<TokenStream>,
    /// Whether the host implements it already.
    pub is_provided: bool,
}

/// Whether the host or the guest implements something.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Side {
    Import,
    Export,
}

/// A place in the generated code.
#[derive(Clone, Copy)]
pub struct At {
    pub side: Side,
    /// `None`: the place of the macro call.
    pub interface: Option<InterfaceId>,
    /// The number of modules between it and that place.
    pub depth: usize,
}

impl<'a> Generator<'a> {
    pub fn new(source: &'a Source, options: &'a Options, krate: TokenStream) -> Result<Self> {
        let resolve = &source.resolve;
        let split = isyswasfa_wit::split(resolve, source.world).map_err(error)?;
        let mut this = Generator {
            resolve,
            world: &resolve.worlds[source.world],
            options,
            split,
            imported: IndexMap::default(),
            exported: IndexMap::default(),
            errors: HashSet::new(),
            krate,
            used: RefCell::default(),
        };
        this.imported = this.interfaces(&this.world.imports, Side::Import)?;
        this.exported = this.interfaces(&this.world.exports, Side::Export)?;
        this.errors = this.errors();
        Ok(this)
    }

    fn interfaces(
        &self,
        items: &IndexMap<WorldKey, WorldItem>,
        side: Side,
    ) -> Result<IndexMap<InterfaceId, Interface>> {
        let mut interfaces = IndexMap::default();
        for (key, item) in items {
            let WorldItem::Interface { id, .. } = item else {
                continue;
            };
            let native = self.resolve.name_world_key(key);
            if self.resolve.implements_interface(key, item).is_some() {
                return Err(error(format!(
                    "`{native}` is an interface under a name of its own, which wasmtime does not know yet"
                )));
            }
            let interface = Interface {
                module: module(self.resolve, *id, key, side),
                split: self.split.name(&native).to_owned(),
                replaced: match side {
                    Side::Import => self.replaced_interface(key),
                    Side::Export => None,
                },
                is_provided: side == Side::Import && self.is_provided(*id),
                key: key.clone(),
                native,
            };
            interfaces.insert(*id, interface);
        }
        Ok(interfaces)
    }

    fn is_provided(&self, id: InterfaceId) -> bool {
        let package = self.resolve.interfaces[id].package;
        let name = package.map(|package| &self.resolve.packages[package].name);
        name.is_some_and(
            |PackageName {
                 namespace, name, ..
             }| { namespace == "wasi" && PROVIDED.contains(&name.as_str()) },
        )
    }

    /// The module that `with` has for an interface.
    fn replaced_interface(&self, key: &WorldKey) -> Option<TokenStream> {
        let keys = Keys::of_interface(self.resolve, key);
        for (key, depth) in keys.with_depth() {
            if let Some(n) = self.find(&self.options.with, key, false) {
                let alias = format_ident!("__with_{n}");
                let WorldKey::Interface(id) = self.key_of(&keys)? else {
                    return Some(quote!(#alias));
                };
                let module = module(self.resolve, *id, &WorldKey::Interface(*id), Side::Import);
                let rest = &module[module.len() - depth..];
                return Some(quote!(#alias #(:: #rest)*));
            }
        }
        None
    }

    /// The world's key that these keys name.
    fn key_of(&self, keys: &Keys) -> Option<&WorldKey> {
        let name = keys.exact().next()?;
        let mut world_keys = self.world.imports.keys().chain(self.world.exports.keys());
        world_keys.find(|key| self.resolve.name_world_key(key) == name)
    }

    /// The index of an option's entry for this key.
    fn find(&self, entries: &[With], key: &str, is_type: bool) -> Option<usize> {
        let n = entries.iter().position(|entry| entry.item.value() == key)?;
        self.used.borrow_mut().insert(key.to_owned(), is_type);
        Some(n)
    }

    /// The alias, at the place of the macro call, of the user's type for a type.
    pub fn replaced_type(&self, key: Option<&WorldKey>, name: &str) -> Option<Ident> {
        let keys = Keys::of_item(self.resolve, key, name);
        let n = keys
            .exact()
            .find_map(|key| self.find(&self.options.with, key, true))?;
        Some(format_ident!("__with_{n}"))
    }

    /// The alias, at the place of the macro call, of the error that functions of the host return instead of a type.
    pub fn trappable_error(&self, id: TypeId) -> Option<Ident> {
        let id = self.origin(id);
        let (owner, name) = (self.owner(id)?, self.resolve.types[id].name.as_deref()?);
        let key = &self.imported.get(&owner)?.key;
        let keys = Keys::of_item(self.resolve, Some(key), name);
        let entries = &self.options.trappable_errors;
        let n = keys.exact().find_map(|key| self.find(entries, key, true))?;
        Some(format_ident!("__error_{n}"))
    }

    /// Types that are the error of a function's result.
    fn errors(&self) -> HashSet<TypeId> {
        let mut errors = HashSet::new();
        let mut see = |function: &Function| {
            if let Some(Type::Id(result)) = function.result
                && let TypeDefKind::Result(result) = &self.resolve.types[self.origin(result)].kind
                && let Some(Type::Id(error)) = result.err
            {
                errors.insert(self.origin(error));
            }
        };
        for (_, item) in self.world.imports.iter().chain(&self.world.exports) {
            match item {
                WorldItem::Interface { id, .. } => {
                    self.resolve.interfaces[*id]
                        .functions
                        .values()
                        .for_each(&mut see);
                }
                WorldItem::Function(function) => see(function),
                WorldItem::Type { .. } => {}
            }
        }
        errors
    }

    /// The type that an alias leads to.
    pub fn origin(&self, mut id: TypeId) -> TypeId {
        while let TypeDefKind::Type(Type::Id(next)) = self.resolve.types[id].kind {
            id = next;
        }
        id
    }

    /// The interface that defines a type; `None`: the world does.
    pub fn owner(&self, id: TypeId) -> Option<InterfaceId> {
        match self.resolve.types[id].owner {
            TypeOwner::Interface(interface) => Some(interface),
            TypeOwner::World(_) | TypeOwner::None => None,
        }
    }

    /// The side that implements `interface`, as seen from an item that `side` implements.
    pub fn side_of(&self, side: Side, interface: InterfaceId) -> Side {
        match side {
            Side::Export if self.exported.contains_key(&interface) => Side::Export,
            _ if self.imported.contains_key(&interface) => Side::Import,
            _ => Side::Export,
        }
    }

    /// An interface as it is imported or exported.
    pub fn interface(&self, side: Side, id: InterfaceId) -> &Interface {
        match side {
            Side::Import => &self.imported[&id],
            Side::Export => &self.exported[&id],
        }
    }

    /// The path of items for generated code only.
    pub fn rt(&self) -> TokenStream {
        let krate = &self.krate;
        quote!(#krate::embed::rt)
    }

    /// The path of wasmtime.
    pub fn wasmtime(&self) -> TokenStream {
        let krate = &self.krate;
        quote!(#krate::embed::rt::wasmtime)
    }

    /// All code.
    pub fn generate(&self) -> Result<TokenStream> {
        let mut modules = Modules::default();
        for (id, interface) in &self.imported {
            if interface.replaced.is_none() {
                modules.insert(&interface.module, self.import(*id)?);
            }
        }
        for (id, interface) in &self.exported {
            modules.insert(&interface.module, self.export(*id)?);
        }
        let mut code = self.world()?;
        self.options.imports.check_used("imports")?;
        self.options.exports.check_used("exports")?;
        code.extend(self.aliases()?);
        code.extend(modules.code());
        Ok(code)
    }

    /// Aliases for paths of options, at the place of the macro call.
    fn aliases(&self) -> Result<TokenStream> {
        let mut code = TokenStream::new();
        let used = self.used.borrow();
        for (n, entry) in self.options.with.iter().enumerate() {
            let item = entry.item.value();
            let Some(is_type) = used.get(&item) else {
                return Err(unused(entry, "with"));
            };
            let (alias, path) = (format_ident!("__with_{n}"), &entry.path);
            code.extend(if *is_type { quote!(#[doc(hidden)] #[allow(dead_code, non_camel_case_types)] type #alias = #path;)
 } else { quote!(#[doc(hidden)] #[allow(unused_imports)] use #path as #alias;)
 });
        }
        for entry in &self.options.trappable_errors {
            if !used.contains_key(&entry.item.value()) {
                return Err(unused(entry, "trappable_error_type"));
            }
        }
        for (n, entry) in self.options.trappable_errors.iter().enumerate() {
            let (alias, path) = (format_ident!("__error_{n}"), &entry.path);
            code.extend(quote!(#[doc(hidden)] #[allow(dead_code, non_camel_case_types)] type #alias = #path;));
        }
        Ok(code)
    }
}

fn unused(entry: &With, option: &str) -> Error {
    let item = entry.item.value();
    let help = match option {
        "with" => {
            "interfaces are named `a:b/c`, types `a:b/c.d`; what the guest exports can't be replaced"
        }
        _ => "errors of functions that the host implements are named `a:b/c.d`",
    };
    Error::new(
        entry.item.span(),
        format!("`{option}` has `{item}`, which the world does not have there\nhelp: {help}"),
    )
}

/// Modules in modules.
#[derive(Default)]
struct Modules {
    code: TokenStream,
    inner: BTreeMap<String, Modules>,
}

impl Modules {
    fn insert(&mut self, path: &[Ident], code: TokenStream) {
        match path {
            [] => self.code.extend(code),
            [first, rest @ ..] => self
                .inner
                .entry(first.to_string())
                .or_default()
                .insert(rest, code),
        }
    }

    fn code(self) -> TokenStream {
        let mut code = self.code;
        for (name, inner) in self.inner {
            let (name, inner) = (Ident::new(&name, Span::call_site()), inner.code());
            code.extend(quote! {
                #[allow(missing_docs, private_interfaces, private_bounds, clippy::all)]
                pub mod #name { #inner }
            });
        }
        code
    }
}
