//! The resolution of paths, through `use`s, globs and aliases, to items of WASI, wherever their bindings are.

use super::signatures::kebab;
use super::text::{joined, with_text};
use crate::moves::moves;
use crate::wit::wasi::{definition_0_2, exists_0_3};
use proc_macro2::Span;
use rustc_hash::FxHashMap;
use std::cell::RefCell;
use std::collections::HashSet;
use std::rc::Rc;
use std::sync::LazyLock;
use syn::visit::Visit;
use syn::{Ident, ItemUse, UseTree};

/// A name that a `use` brings into scope.
#[derive(Clone)]
pub struct Leaf {
    /// The idents of the path, those of the groups around it included.
    pub path: Vec<Ident>,
    pub rename: Option<Ident>,
    pub is_glob: bool,
    /// The whole `use` item.
    pub item: Span,
    /// The braces of the module or block that it is in; none: the file's own.
    pub scope: Option<(Span, Span)>,
    /// The item of WASI that it is.
    pub wasi: Option<Rc<WasiPath>>,
}

impl Leaf {
    pub fn local(&self) -> Option<String> {
        (!self.is_glob)
            .then(|| {
                self.rename
                    .as_ref()
                    .or(self.path.last())
                    .map(ToString::to_string)
            })
            .flatten()
    }
}

/// The origin of bindings of WASI.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Root {
    /// The crate `wasi` or `wasip2`.
    Crate02,
    /// The crate `wasip3` or `compat_api`.
    Crate03,
    /// Made by `wit_bindgen::generate!` or cargo-component, in this crate.
    Generated,
}

/// A path that leads into WASI.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WasiPath {
    pub root: Root,
    /// `wasi:http/types`
    pub interface: String,
    pub is_export: bool,
    /// The item in the interface, in WIT's words.
    pub rest: Vec<String>,
    /// How many segments of the written (not the expanded) path come after the interface.
    pub written_rest: usize,
    /// Whether the interface itself is written.
    pub interface_written: bool,
    /// Whether the crate itself is written.
    pub root_written: bool,
    full: String,
    /// Whether the interface or world is one of 0.2.
    is_old: bool,
}

impl WasiPath {
    /// Whether it leads to an item that only 0.3 has.
    pub fn is_new(&self) -> bool {
        self.root == Root::Crate03 || !self.is_old
    }

    /// `wasi:http/types.fields.get`: where it is defined, be it that another interface was named.
    pub fn full(&self) -> &str {
        &self.full
    }
}

#[derive(Default)]
pub struct Names {
    pub leaves: Vec<Leaf>,
    local: FxHashMap<String, Vec<String>>,
    globs: Vec<Vec<String>>,
    /// Is one of the globs of WASI, or of what a name stands for?
    has_globs: bool,
    /// A cache of results: a file mentions the same few names again and again.
    known: RefCell<FxHashMap<String, Option<Rc<WasiPath>>>>,
    /// `wit_bindgen::generate!` is called in the file, or there is a module of that name.
    generates: bool,
}

/// What paths into WASI have in them, the module that `generate!` makes among them.
const ROOTS: [&str; 4] = ["wasi", "wasip2", "wasip3", "compat_api"];

fn is_root(ident: &Ident) -> bool {
    ROOTS.iter().any(|root| ident == root)
}

impl Names {
    pub fn of(file: &syn::File) -> Self {
        let mut names = Self::default();
        Collect {
            names: &mut names,
            scope: None,
        }
        .visit_file(file);
        for leaf in &names.leaves {
            let path: Vec<_> = leaf.path.iter().map(ToString::to_string).collect();
            match leaf.local() {
                Some(local) => drop(names.local.insert(local, path)),
                None => names.globs.push(path),
            }
        }
        names.has_globs = names.globs.iter().any(|glob| {
            glob.iter().any(|segment| ROOTS.contains(&segment.as_str()))
                || glob
                    .first()
                    .is_some_and(|first| names.local.contains_key(first))
        });
        let found: Vec<_> = names
            .leaves
            .iter()
            .map(|leaf| names.wasi_of(leaf.path.iter()))
            .collect();
        for (leaf, wasi) in names.leaves.iter_mut().zip(found) {
            leaf.wasi = wasi;
        }
        names
    }

    /// The item of WASI that a written path stands for.
    pub fn wasi(&self, path: &syn::Path) -> Option<Rc<WasiPath>> {
        self.wasi_of(path.segments.iter().map(|segment| &segment.ident))
    }

    fn wasi_of<'a>(&self, path: impl Iterator<Item = &'a Ident> + Clone) -> Option<Rc<WasiPath>> {
        if self.leads_nowhere(path.clone()) {
            return None;
        }
        joined(path.clone(), |key| {
            if let Some(known) = self.known.borrow().get(key) {
                return known.clone();
            }
            let path: Vec<_> = path.map(ToString::to_string).collect();
            let found = self.look_up(&path).map(Rc::new);
            self.known
                .borrow_mut()
                .insert(key.to_owned(), found.clone());
            found
        })
    }

    /// Whether nothing in the file can make anything of WASI of the path: of most it can't.
    fn leads_nowhere<'a>(&self, mut path: impl Iterator<Item = &'a Ident> + Clone) -> bool {
        if self.has_globs || path.clone().any(is_root) {
            return false;
        }
        let first = path.next();
        first.is_none_or(|first| with_text(first, |first| !self.local.contains_key(first)))
    }

    fn look_up(&self, path: &[String]) -> Option<WasiPath> {
        let written = path.len();
        let mut full = path.to_vec();
        for _ in 0..8 {
            let Some(expansion) = self.local.get(&full[0]) else {
                break;
            };
            // `use wasi;`, or a name that stands for itself.
            if expansion.len() == 1 && expansion[0] == full[0] {
                break;
            }
            let rest = full.split_off(1);
            full = expansion.clone();
            full.extend(rest);
        }
        if let Some(found) = self.parse(&full, written) {
            return Some(found);
        }
        // Something that a glob brought in?
        self.globs.iter().find_map(|glob| {
            let mut full = glob.clone();
            full.extend(path.iter().cloned());
            let found = self.parse(&full, written)?;
            let first = found.rest.first()?;
            exists(&format!("{}.{first}", found.interface)).then_some(found)
        })
    }

    fn parse(&self, full: &[String], written: usize) -> Option<WasiPath> {
        let mut last = None;
        for (at, segment) in full.iter().enumerate() {
            let root = match segment.as_str() {
                "wasi" if at == 0 && !self.generates => Root::Crate02,
                "wasip2" if at == 0 => Root::Crate02,
                "wasip3" | "compat_api" if at == 0 => Root::Crate03,
                "wasi" => Root::Generated,
                _ => continue,
            };
            let mut next = at + 1;
            let mut is_export = at > 0 && full[at - 1] == "exports";
            // `wasi::exports::http::…`, `wasip2::exports::wasi::http::…`
            while full
                .get(next)
                .is_some_and(|segment| segment == "exports" || (segment == "wasi" && is_export))
            {
                is_export = true;
                next += 1;
            }
            let (Some(package), Some(interface)) = (full.get(next), full.get(next + 1)) else {
                continue;
            };
            let interface = format!("wasi:{}/{}", kebab(package), kebab(interface));
            let is_old = moves().knows(&interface);
            if root != Root::Crate03 && !is_old && !exists_0_3(&interface) {
                continue;
            }
            let rest: Vec<_> = full[next + 2..]
                .iter()
                .map(|segment| kebab(segment))
                .collect();
            let hidden = full.len() - written;
            // Interfaces have the types that they `use`, too.
            let full = match rest.split_first() {
                Some((first, others)) => {
                    let (of, first) = definition_0_2(&interface, first);
                    let full = format!("{of}.{first}");
                    others.iter().fold(full, |full, part| full + "." + part)
                }
                None => interface.clone(),
            };
            last = Some(WasiPath {
                full,
                is_old,
                root,
                is_export,
                written_rest: rest.len().min(written),
                interface_written: hidden < next + 2,
                root_written: hidden <= at,
                interface,
                rest,
            });
            break;
        }
        last
    }

    /// Whether the bindings are generated in this file.
    pub fn generates(&self) -> bool {
        self.generates
    }
}

/// All names of 0.2, and what they became.
static NAMES: LazyLock<HashSet<&str>> = LazyLock::new(|| {
    let entries = moves().entries();
    entries
        .flat_map(|(name, entry)| [Some(name), entry.to.as_deref()])
        .flatten()
        .collect()
});

fn exists(name: &str) -> bool {
    NAMES.contains(name)
}

struct Collect<'a> {
    names: &'a mut Names,
    scope: Option<(Span, Span)>,
}

impl<'ast> Visit<'ast> for Collect<'_> {
    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        use syn::spanned::Spanned;
        let first = self.names.leaves.len();
        leaves(
            &item.tree,
            &mut Vec::new(),
            item.span(),
            &mut self.names.leaves,
        );
        for leaf in &mut self.names.leaves[first..] {
            leaf.scope = self.scope;
        }
    }

    fn visit_block(&mut self, block: &'ast syn::Block) {
        let brace = block.brace_token.span;
        let outer = self.scope.replace((brace.open(), brace.close()));
        syn::visit::visit_block(self, block);
        self.scope = outer;
    }

    fn visit_macro(&mut self, found: &'ast syn::Macro) {
        let path: Vec<_> = found
            .path
            .segments
            .iter()
            .map(|segment| segment.ident.to_string())
            .collect();
        self.names.generates |= path.last().is_some_and(|last| last == "generate")
            && (path.len() == 1 || path[0] == "wit_bindgen" || path[0] == "polyfill_guest");
    }

    fn visit_item_mod(&mut self, item: &'ast syn::ItemMod) {
        self.names.generates |= item.ident == "wasi";
        let outer = self.scope;
        if let Some((brace, _)) = &item.content {
            self.scope = Some((brace.span.open(), brace.span.close()));
        }
        syn::visit::visit_item_mod(self, item);
        self.scope = outer;
    }
}

fn leaves(tree: &UseTree, path: &mut Vec<Ident>, item: Span, found: &mut Vec<Leaf>) {
    let leaf = |path: Vec<Ident>, rename, is_glob| Leaf {
        path,
        rename,
        is_glob,
        item,
        scope: None,
        wasi: None,
    };
    match tree {
        UseTree::Path(tree) => {
            path.push(tree.ident.clone());
            leaves(&tree.tree, path, item, found);
            path.pop();
        }
        UseTree::Name(tree) => {
            let mut path = path.clone();
            if tree.ident != "self" {
                path.push(tree.ident.clone());
            }
            found.push(leaf(path, None, false));
        }
        UseTree::Rename(tree) => {
            let mut path = path.clone();
            if tree.ident != "self" {
                path.push(tree.ident.clone());
            }
            found.push(leaf(path, Some(tree.rename.clone()), false));
        }
        UseTree::Glob(_) => found.push(leaf(path.clone(), None, true)),
        UseTree::Group(tree) => tree
            .items
            .iter()
            .for_each(|tree| leaves(tree, path, item, found)),
    }
}
