//! The program: its modules, types, traits and functions, from all of its files.

use super::active;
use super::packages::Package;
use super::parsed::Parsed;
use rustc_hash::FxHashMap;
use std::path::{Path, PathBuf};
use syn::visit::{self, Visit};
use syn::{
    Attribute, Block, Generics, ImplItem, Item, ItemImpl, Signature, Stmt, TraitItem, Type,
    UseTree, Visibility,
};

pub type ModId = usize;
pub type AdtId = usize;
pub type TraitId = usize;
pub type FnId = usize;
pub type BodyId = usize;

/// What a name can stand for.
#[derive(Clone, Debug, PartialEq)]
pub enum Def<'a> {
    Mod(ModId),
    Adt(AdtId),
    Variant(AdtId, usize),
    Alias(ModId, &'a syn::ItemType),
    Trait(TraitId),
    Fn(FnId),
    /// A constant or static, with its type.
    Value(ModId, &'a Type),
    /// A path into the bindings of WASI 0.2.
    Wasi(Vec<String>),
    /// A path into another crate.
    Other(Vec<String>),
}

#[derive(Clone)]
pub enum Entry<'a> {
    Def(Def<'a>),
    Use(Vec<String>),
}

pub struct Module<'a> {
    pub parent: Option<ModId>,
    /// The names of the parent are seen: a block.
    pub is_block: bool,
    pub root: ModId,
    pub package: usize,
    pub file: usize,
    pub names: FxHashMap<String, Vec<Entry<'a>>>,
    pub globs: Vec<Vec<String>>,
    /// Bindings are generated here: the paths `wasi` and `exports::wasi` are there, though nobody wrote them.
    pub has_bindings: bool,
    /// The macro that generates them.
    pub generate: Option<&'a syn::ItemMacro>,
    items: Option<&'a [Item]>,
}

pub struct Adt<'a> {
    pub module: ModId,
    pub generics: &'a Generics,
    /// The fields of a struct, or of each variant.
    pub variants: Vec<(String, &'a syn::Fields)>,
    pub is_enum: bool,
}

pub struct Trait<'a> {
    pub module: ModId,
    pub item: &'a syn::ItemTrait,
    pub methods: Vec<FnId>,
}

#[derive(Clone, Copy)]
pub enum Owner<'a> {
    Free,
    Impl(&'a ItemImpl),
    Trait(TraitId),
}

pub struct Function<'a> {
    pub file: usize,
    pub module: ModId,
    pub signature: &'a Signature,
    pub body: Option<&'a Block>,
    pub attributes: &'a [Attribute],
    pub owner: Owner<'a>,
    pub name: String,
    pub is_active: bool,
}

pub struct Program<'a> {
    pub packages: &'a [Package],
    pub files: &'a [Option<Parsed>],
    pub modules: Vec<Module<'a>>,
    pub adts: Vec<Adt<'a>>,
    pub traits: Vec<Trait<'a>>,
    pub functions: Vec<Function<'a>>,
    pub impls: Vec<(ModId, &'a ItemImpl)>,
    /// The values of constants and statics.
    pub constants: Vec<(ModId, &'a syn::Expr)>,
    /// The modules that blocks with items are, by address and the module around.
    pub blocks: FxHashMap<(usize, ModId), ModId>,
    /// The roots of libraries, by the package's name.
    pub libraries: FxHashMap<String, ModId>,
    pub roots: Vec<ModId>,
    paths: &'a FxHashMap<PathBuf, usize>,
    read: Vec<bool>,
    /// Whether the item that is looked at is in the build.
    is_active: bool,
}

pub fn address<T>(of: &T) -> usize {
    std::ptr::from_ref(of) as usize
}

/// Where each file of the program is among the others.
pub fn by_path(files: &[Option<Parsed>]) -> FxHashMap<PathBuf, usize> {
    let parsed = files.iter().enumerate();
    parsed
        .filter_map(|(index, parsed)| Some((parsed.as_ref()?.path.clone(), index)))
        .collect()
}

impl<'a> Program<'a> {
    /// The module that the names in a block are looked up in: its own if it has items, or else the one around it.
    pub fn module_in(&self, block: &Block, around: ModId) -> ModId {
        let own = self.blocks.get(&(address(block), around));
        own.copied().unwrap_or(around)
    }

    pub fn new(
        packages: &'a [Package],
        of: &[usize],
        files: &'a [Option<Parsed>],
        paths: &'a FxHashMap<PathBuf, usize>,
    ) -> Self {
        let mut program = Self {
            packages,
            files,
            modules: Vec::new(),
            adts: Vec::new(),
            traits: Vec::new(),
            functions: Vec::new(),
            impls: Vec::new(),
            constants: Vec::new(),
            blocks: FxHashMap::default(),
            libraries: FxHashMap::default(),
            roots: Vec::new(),
            paths,
            read: vec![false; files.len()],
            is_active: true,
        };
        let mut ordered: Vec<usize> = (0..files.len())
            .filter(|file| files[*file].is_some())
            .collect();
        let path_of = |file: usize| {
            files[file]
                .as_ref()
                .map_or(Path::new(""), |parsed| &parsed.path)
        };
        ordered.sort_by_key(|file| !is_root(path_of(*file), &packages[of[*file]]));
        for file in ordered {
            if !program.read[file] {
                program.root(file, of[file]);
            }
        }
        program
    }

    fn root(&mut self, file: usize, package: usize) {
        let root = self.modules.len();
        self.module(None, root, package, file);
        self.roots.push(root);
        let files = self.files;
        let Some(parsed) = &files[file] else { return };
        let owner = &self.packages[package];
        let own_path = parsed
            .path
            .strip_prefix(&owner.folder)
            .unwrap_or(&parsed.path);
        if own_path == Path::new("src/lib.rs")
            || (owner.roots.first() == Some(&parsed.path) && own_path.ends_with("lib.rs"))
        {
            self.libraries.insert(owner.name.clone(), root);
        }
        self.read[file] = true;
        let folder = parsed.path.parent().unwrap_or(Path::new("")).to_path_buf();
        self.items(root, &parsed.tree.items, &folder);
    }

    fn module(&mut self, parent: Option<ModId>, root: ModId, package: usize, file: usize) -> ModId {
        self.modules.push(Module {
            parent,
            is_block: false,
            root,
            package,
            file,
            names: FxHashMap::default(),
            globs: Vec::new(),
            has_bindings: false,
            generate: None,
            items: None,
        });
        self.modules.len() - 1
    }

    fn define(&mut self, module: ModId, name: impl ToString, def: Def<'a>) {
        let name = name.to_string().trim_start_matches("r#").to_owned();
        self.enter(module, name, Entry::Def(def));
    }

    /// Names of items that the build has come first.
    fn enter(&mut self, module: ModId, name: String, entry: Entry<'a>) {
        let entries = self.modules[module].names.entry(name).or_default();
        if self.is_active {
            entries.insert(0, entry);
        } else {
            entries.push(entry);
        }
    }

    /// The items of a module.
    pub fn items_of(&self, module: ModId) -> Option<&'a [Item]> {
        self.modules[module].items
    }

    fn items(&mut self, module: ModId, items: &'a [Item], folder: &Path) {
        self.modules[module].items = Some(items);
        for item in items {
            let outer = self.is_active;
            let package = &self.packages[self.modules[module].package];
            self.is_active &= active::is_active(active::attributes_of(item), package);
            self.item(module, item, folder);
            self.is_active = outer;
        }
    }

    fn item(&mut self, module: ModId, item: &'a Item, folder: &Path) {
        match item {
            Item::Mod(item) => self.item_mod(module, item, folder),
            Item::Use(item) => self.tree(
                module,
                &item.tree,
                &mut match item.leading_colon {
                    Some(_) => vec![String::new()],
                    None => Vec::new(),
                },
            ),
            Item::ExternCrate(item) => {
                let name = item.rename.as_ref().map_or(&item.ident, |(_, name)| name);
                let path = vec![String::new(), item.ident.to_string()];
                self.enter(module, name.to_string(), Entry::Use(path));
            }
            Item::Fn(item) => {
                let id = self.function(
                    module,
                    &item.sig,
                    Some(&item.block),
                    &item.attrs,
                    Owner::Free,
                );
                self.define(module, &item.sig.ident, Def::Fn(id));
            }
            Item::Struct(item) => {
                let id = self.adt(
                    module,
                    &item.generics,
                    vec![(item.ident.to_string(), &item.fields)],
                    false,
                );
                self.define(module, &item.ident, Def::Adt(id));
            }
            Item::Enum(item) => {
                let variants = item
                    .variants
                    .iter()
                    .map(|variant| (variant.ident.to_string(), &variant.fields));
                let id = self.adt(module, &item.generics, variants.collect(), true);
                self.define(module, &item.ident, Def::Adt(id));
            }
            Item::Type(item) => self.define(module, &item.ident, Def::Alias(module, item)),
            Item::Const(item) => {
                self.constants.push((module, &item.expr));
                self.define(module, &item.ident, Def::Value(module, &item.ty));
            }
            Item::Static(item) => {
                self.constants.push((module, &item.expr));
                self.define(module, &item.ident, Def::Value(module, &item.ty));
            }
            Item::Trait(item) => {
                let id = self.traits.len();
                self.traits.push(Trait {
                    module,
                    item,
                    methods: Vec::new(),
                });
                self.define(module, &item.ident, Def::Trait(id));
                for inner in &item.items {
                    if let TraitItem::Fn(inner) = inner {
                        let method = self.function(
                            module,
                            &inner.sig,
                            inner.default.as_ref(),
                            &inner.attrs,
                            Owner::Trait(id),
                        );
                        self.traits[id].methods.push(method);
                    }
                }
            }
            Item::Impl(item) => {
                self.impls.push((module, item));
                for inner in &item.items {
                    if let ImplItem::Fn(inner) = inner {
                        self.function(
                            module,
                            &inner.sig,
                            Some(&inner.block),
                            &inner.attrs,
                            Owner::Impl(item),
                        );
                    }
                }
            }
            Item::Macro(item) if is_generate(&item.mac.path) => {
                self.modules[module].has_bindings = true;
                self.modules[module].generate = Some(item);
            }
            _ => {}
        }
    }

    fn item_mod(&mut self, module: ModId, item: &'a syn::ItemMod, folder: &Path) {
        let (root, package) = (self.modules[module].root, self.modules[module].package);
        let name = item.ident.to_string();
        let name = name.trim_start_matches("r#");
        let file = self.modules[module].file;
        if let Some((_, items)) = &item.content {
            let inner = self.module(Some(module), root, package, file);
            self.define(module, &item.ident, Def::Mod(inner));
            self.items(inner, items, &folder.join(name));
            return;
        }
        let files = self.files;
        let here = files[file]
            .as_ref()
            .and_then(|parsed| parsed.path.parent())
            .unwrap_or(Path::new(""));
        let named = attribute_path(&item.attrs).map(|path| here.join(path));
        let candidates = match named {
            Some(path) => vec![path],
            None => vec![
                folder.join(format!("{name}.rs")),
                folder.join(name).join("mod.rs"),
            ],
        };
        let found = candidates.iter().find_map(|path| {
            self.paths
                .get(&normalized(path))
                .map(|index| (*index, path.clone()))
        });
        let Some((index, path)) = found else { return };
        let Some(parsed) = &files[index] else { return };
        let inner = self.module(Some(module), root, package, index);
        self.define(module, &item.ident, Def::Mod(inner));
        if parsed.is_generated {
            self.modules[inner].has_bindings = true;
            self.read[index] = true;
            return;
        }
        self.read[index] = true;
        let is_mod = path.file_name().is_some_and(|name| name == "mod.rs");
        let folder = match path.parent() {
            Some(parent) if is_mod => parent.to_path_buf(),
            Some(parent) => parent.join(path.file_stem().unwrap_or_default()),
            None => PathBuf::new(),
        };
        self.items(inner, &parsed.tree.items, &folder);
    }

    fn tree(&mut self, module: ModId, tree: &'a UseTree, path: &mut Vec<String>) {
        match tree {
            UseTree::Path(tree) => {
                path.push(tree.ident.to_string());
                self.tree(module, &tree.tree, path);
                path.pop();
            }
            UseTree::Name(tree) => {
                let own = tree.ident == "self";
                if !own {
                    path.push(tree.ident.to_string());
                }
                if let Some(name) = path.last().cloned() {
                    self.enter(module, name, Entry::Use(path.clone()));
                }
                if !own {
                    path.pop();
                }
            }
            UseTree::Rename(tree) => {
                let own = tree.ident == "self";
                if !own {
                    path.push(tree.ident.to_string());
                }
                self.enter(module, tree.rename.to_string(), Entry::Use(path.clone()));
                if !own {
                    path.pop();
                }
            }
            UseTree::Glob(_) if self.is_active => {
                self.modules[module].globs.insert(0, path.clone())
            }
            UseTree::Glob(_) => self.modules[module].globs.push(path.clone()),
            UseTree::Group(tree) => tree
                .items
                .iter()
                .for_each(|tree| self.tree(module, tree, path)),
        }
    }

    fn adt(
        &mut self,
        module: ModId,
        generics: &'a Generics,
        variants: Vec<(String, &'a syn::Fields)>,
        is_enum: bool,
    ) -> AdtId {
        self.adts.push(Adt {
            module,
            generics,
            variants,
            is_enum,
        });
        self.adts.len() - 1
    }

    fn function(
        &mut self,
        module: ModId,
        signature: &'a Signature,
        body: Option<&'a Block>,
        attributes: &'a [Attribute],
        owner: Owner<'a>,
    ) -> FnId {
        self.functions.push(Function {
            file: self.modules[module].file,
            module,
            signature,
            body,
            attributes,
            owner,
            name: signature.ident.to_string(),
            is_active: self.is_active
                && active::is_active(attributes, &self.packages[self.modules[module].package]),
        });
        let id = self.functions.len() - 1;
        if let Some(body) = body {
            Blocks {
                program: self,
                module,
            }
            .visit_block(body);
        }
        id
    }
}

/// Collects the items in the blocks of a function.
struct Blocks<'a, 'b> {
    program: &'b mut Program<'a>,
    module: ModId,
}

impl<'a> Visit<'a> for Blocks<'a, '_> {
    fn visit_block(&mut self, block: &'a Block) {
        let outer = self.module;
        if block
            .stmts
            .iter()
            .any(|statement| matches!(statement, Stmt::Item(_)))
        {
            let around = &self.program.modules[outer];
            let (root, package, file) = (around.root, around.package, around.file);
            self.module = self.program.module(Some(outer), root, package, file);
            self.program.modules[self.module].is_block = true;
            self.program
                .blocks
                .insert((address(block), outer), self.module);
            for statement in &block.stmts {
                if let Stmt::Item(item) = statement {
                    self.program.item(self.module, item, Path::new(""));
                }
            }
        }
        visit::visit_block(self, block);
        self.module = outer;
    }

    fn visit_item(&mut self, _: &'a Item) {}
}

fn is_root(path: &Path, package: &Package) -> bool {
    let own = path.strip_prefix(&package.folder).unwrap_or(path);
    let parts: Vec<_> = own.iter().filter_map(|part| part.to_str()).collect();
    package.roots.iter().any(|root| root == path)
        || matches!(
            parts[..],
            ["src", "lib.rs" | "main.rs"]
                | ["src", "bin", _]
                | ["src", "bin", _, "main.rs"]
                | ["examples" | "tests" | "benches", _]
                | ["build.rs"]
        )
}

fn is_generate(path: &syn::Path) -> bool {
    path.segments
        .last()
        .is_some_and(|last| last.ident == "generate")
}

fn attribute_path(attributes: &[Attribute]) -> Option<String> {
    attributes
        .iter()
        .find_map(|attribute| match &attribute.meta {
            syn::Meta::NameValue(meta) if meta.path.is_ident("path") => match &meta.value {
                syn::Expr::Lit(syn::ExprLit {
                    lit: syn::Lit::Str(path),
                    ..
                }) => Some(path.value()),
                _ => None,
            },
            _ => None,
        })
}

/// The path without `.` and `..`.
pub fn normalized(path: &Path) -> PathBuf {
    let mut result = PathBuf::new();
    for part in path.components() {
        match part {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir => {
                result.pop();
            }
            part => result.push(part),
        }
    }
    result
}

pub fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}
