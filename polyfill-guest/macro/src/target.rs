//! The target of the patches: the split world, looked up by the names in wit-bindgen's code.

use crate::flat::Flat;
use isyswasfa_wit::{Pipe, Split, SplitKind, names};
use proc_macro2::TokenStream;
use quote::quote;
use std::collections::HashMap;
use wit_bindgen_core::{TypeInfo, Types};
use wit_parser::abi::{AbiVariant, WasmSignature};
use wit_parser::{
    Function, Handle, InterfaceId, LiveTypes, Resolve, SizeAlign, Type, TypeDefKind, TypeId,
    TypeOwner, WorldId, WorldItem, WorldKey,
};

/// The split of a world, and where generated code finds the runtime.
pub struct Target {
    pub split: Split,
    /// The world as it was given, in `split.resolve`.
    pub original: WorldId,
    pub sizes: SizeAlign,
    types: Types,
    /// The path of `polyfill_guest::rt::async_support`.
    pub support: TokenStream,
    /// The prefix of every export's name.
    pub export_prefix: String,
    imports: HashMap<String, Scope>,
    exports: HashMap<String, Scope>,
}

/// An interface, or the world itself, on one side of the component.
#[derive(Clone)]
pub struct Scope {
    /// The interface in the original. None: the world itself.
    pub interface: Option<InterfaceId>,
    pub exported: bool,
    /// The name under which a core module imports from it or exports it: the generated one, and the split one.
    pub name: String,
    pub split_name: String,
}

/// One function of a scope.
pub struct Item<'a> {
    pub function: &'a Function,
    /// What the split made of it. None: it did not change.
    pub kind: Option<&'a SplitKind>,
}

/// The name of the world itself among the modules that a core module imports.
pub const ROOT: &str = "$root";

impl Target {
    pub fn new(
        split: Split,
        original: WorldId,
        support: TokenStream,
        export_prefix: String,
    ) -> anyhow::Result<Target> {
        let mut sizes = SizeAlign::default();
        sizes.fill(&split.resolve)?;
        let mut types = Types::default();
        types.analyze(&split.resolve);
        let scopes = |exported: bool| {
            let resolve = &split.resolve;
            let world = &resolve.worlds[original];
            let items = if exported {
                &world.exports
            } else {
                &world.imports
            };
            let mut scopes = HashMap::new();
            let root = Scope {
                interface: None,
                exported,
                name: ROOT.to_owned(),
                split_name: ROOT.to_owned(),
            };
            scopes.insert(ROOT.to_owned(), root);
            for (key, item) in items {
                let WorldItem::Interface { id, .. } = item else {
                    continue;
                };
                let name = resolve.name_world_key(key);
                let moved = split.interfaces.get(id);
                let split_name = match (key, moved) {
                    (WorldKey::Interface(_), Some(new)) => resolve.id_of(*new),
                    // A label stays what it is.
                    _ => None,
                };
                let scope = Scope {
                    interface: Some(*id),
                    exported,
                    split_name: split_name.unwrap_or_else(|| name.clone()),
                    name: name.clone(),
                };
                scopes.insert(name, scope);
            }
            scopes
        };
        Ok(Target {
            imports: scopes(false),
            exports: scopes(true),
            sizes,
            types,
            original,
            support,
            export_prefix,
            split,
        })
    }

    pub fn resolve(&self) -> &Resolve {
        &self.split.resolve
    }

    /// The scope that a core module imports from as `module`. A name that starts with `[export]` is one of the exports.
    pub fn scope(&self, module: &str) -> Option<&Scope> {
        match module.strip_prefix("[export]") {
            Some(name) => self.exports.get(name),
            None => self.imports.get(module),
        }
    }

    /// Whether anything of a scope changed.
    pub fn changes(&self, scope: &Scope) -> bool {
        match scope.interface {
            Some(id) => self.split.interfaces.contains_key(&id),
            None => {
                let mut items = self.items(scope).into_iter();
                items.any(|item| self.poll(scope, item.function).is_some())
            }
        }
    }

    /// All exported scopes.
    pub fn exported(&self) -> impl Iterator<Item = &Scope> {
        self.exports.values()
    }

    /// The functions of a scope, in the order in which they are generated.
    pub fn items(&self, scope: &Scope) -> Vec<Item<'_>> {
        let resolve = self.resolve();
        let functions: Vec<&Function> = match scope.interface {
            Some(id) => resolve.interfaces[id].functions.values().collect(),
            None => {
                let world = &resolve.worlds[self.original];
                let items = if scope.exported {
                    &world.exports
                } else {
                    &world.imports
                };
                let functions = items.values().filter_map(|item| match item {
                    WorldItem::Function(function) => Some(function),
                    _ => None,
                });
                functions.collect()
            }
        };
        functions
            .into_iter()
            .map(|function| Item {
                function,
                kind: self.kind(scope, &function.name),
            })
            .collect()
    }

    /// The function `name` of a scope.
    pub fn item(&self, scope: &Scope, name: &str) -> Option<Item<'_>> {
        let mut items = self.items(scope).into_iter();
        items.find(|item| item.function.name == name)
    }

    fn kind(&self, scope: &Scope, name: &str) -> Option<&SplitKind> {
        let id = (scope.interface, name.to_owned());
        Some(&self.split.functions.get(&id)?.kind)
    }

    /// The core import or export name of the poll function for `function`. None: nothing of its scope changed.
    pub fn poll(&self, scope: &Scope, function: &Function) -> Option<String> {
        if let Some(id) = scope.interface {
            return Some(self.split.poll(id)?.name.clone());
        }
        let name = match function.kind.resource() {
            Some(resource) => {
                let resource = self.resolve().types[resource].name.as_deref()?;
                format!("[static]{resource}.{}", names::POLL)
            }
            None => format!("{}{}", function.item_name(), names::POLL_SUFFIX),
        };
        self.in_split_world(scope.exported, &name).then_some(name)
    }

    /// Whether the split world itself imports or exports a function `name`.
    fn in_split_world(&self, exported: bool, name: &str) -> bool {
        let world = &self.resolve().worlds[self.split.world];
        let items = if exported {
            &world.exports
        } else {
            &world.imports
        };
        let key = WorldKey::Name(name.to_owned());
        matches!(items.get(&key), Some(WorldItem::Function(_)))
    }

    /// The pipe that the stream or future `id` became.
    pub fn pipe(&self, id: TypeId) -> Option<&Pipe> {
        self.split.pipes.get(&id)
    }

    /// The scope that has a pipe, as seen from a function in `from`. None: the pipe is the split ABI's own.
    pub fn pipe_scope(&self, pipe: &Pipe, from: &Scope) -> Option<&Scope> {
        let find = |scopes: &'_ HashMap<String, Scope>| {
            let mut names = scopes.iter();
            let found = names.find(|(_, scope)| match pipe.home {
                Some(home) => scope.interface == Some(home),
                None => scope.interface.is_none(),
            });
            found.map(|(name, _)| name.clone())
        };
        if pipe.home.is_none() && pipe.interface != names::ROOT {
            return None;
        }
        // An export's types are those of exports, if there are any.
        if from.exported
            && pipe.home.is_some()
            && let Some(name) = find(&self.exports)
        {
            return self.exports.get(&name);
        }
        self.imports.get(&find(&self.imports)?)
    }

    /// The core signature of the function as an ordinary one, which is that of its start half except for the result.
    pub fn signature(&self, function: &Function, variant: AbiVariant) -> WasmSignature {
        self.resolve().wasm_signature(variant, function)
    }

    /// The offset of the payload in `result<T, pending>`, and the size of the whole.
    pub fn at_once(&self, result: Option<&Type>) -> (usize, usize) {
        let (size, align) = self.layout(result);
        let align = align.max(4);
        // The discriminant is one byte; the payload is aligned for either side, and a handle takes four.
        (align, align + size.max(4).next_multiple_of(align))
    }

    /// Size and alignment of a result.
    pub fn layout(&self, result: Option<&Type>) -> (usize, usize) {
        match result {
            Some(ty) => (
                self.sizes.size(ty).size_wasm32(),
                self.sizes.align(ty).align_wasm32(),
            ),
            None => (0, 1),
        }
    }

    /// A generator of code that moves values.
    pub fn flat(&self) -> Flat<'_> {
        Flat::new(self.resolve(), &self.sizes)
    }

    /// Whether values of the type own memory: a list or a string is somewhere in them.
    pub fn has_lists(&self, ty: &Type) -> bool {
        self.info(ty).has_list
    }

    /// Whether values of the type own handles.
    pub fn has_handles(&self, ty: &Type) -> bool {
        let info = self.info(ty);
        info.has_own_handle || info.has_borrow_handle
    }

    /// Whether values of the type borrow resources.
    pub fn has_borrows(&self, ty: &Type) -> bool {
        self.info(ty).has_borrow_handle
    }

    /// What values of the type contain. What moves through a stream or future is not contained in it.
    fn info(&self, ty: &Type) -> TypeInfo {
        match ty {
            Type::Id(id) => self.types.get(*id),
            ty => TypeInfo {
                has_list: *ty == Type::String,
                ..TypeInfo::default()
            },
        }
    }

    /// A resource that an export in `scope` borrows, somewhere in `ty`, and that this component does not implement itself.
    pub fn foreign_borrow(&self, scope: &Scope, ty: &Type) -> Option<String> {
        let resolve = self.resolve();
        // Those of payloads as well, but the split refuses borrows there.
        let mut mentioned = LiveTypes::default();
        mentioned.add_type(resolve, ty);
        mentioned.iter().find_map(|id| {
            let TypeDefKind::Handle(Handle::Borrow(mut resource)) = resolve.types[id].kind else {
                return None;
            };
            while let TypeDefKind::Type(Type::Id(of)) = resolve.types[resource].kind {
                resource = of;
            }
            // What the world itself mentions are its imports, even if an interface is exported too.
            let own = match resolve.types[resource].owner {
                TypeOwner::Interface(id) if scope.interface.is_some() => self
                    .exports
                    .values()
                    .any(|scope| scope.interface == Some(id)),
                _ => false,
            };
            if own {
                return None;
            }
            resolve.types[resource].name.clone()
        })
    }

    /// A `cfg`-ed import: the core function `name` of `module`, which `Rust` knows as `ident`.
    pub fn import(
        &self,
        module: &str,
        name: &str,
        ident: &syn::Ident,
        params: &[TokenStream],
        result: Option<TokenStream>,
    ) -> TokenStream {
        let result = result.map(|ty| quote!(-> #ty));
        quote! {
            #[cfg(target_arch = "wasm32")]
            #[link(wasm_import_module = #module)]
            unsafe extern "C" {
                #[link_name = #name]
                fn #ident(#(_: #params),*) #result;
            }
            #[cfg(not(target_arch = "wasm32"))]
            unsafe extern "C" fn #ident(#(_: #params),*) #result { ::core::unreachable!() }
        }
    }
}
