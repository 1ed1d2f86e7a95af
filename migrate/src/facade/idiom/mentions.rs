//! The paths into bindings of 0.2: where they are written, through which `use` they lead, and what they name.

use super::super::facts::Facts;
use super::super::lower::segments;
use super::super::parsed::Parsed;
use super::super::resolve::Space;
use super::super::tree::{Def, ModId, Program};
use rustc_hash::{FxHashMap, FxHashSet};
use std::ops::Range;
use syn::visit::{self, Visit};
use syn::{Block, Item, ItemUse, UseTree, Visibility};

/// A path, other than in a `use`.
pub struct Mention {
    pub file: usize,
    pub module: ModId,
    /// From the first segment to the last, without generic arguments behind it.
    pub range: Range<usize>,
    /// As it is written.
    pub names: Vec<String>,
    /// What it names: `http`, `types`, `Fields`, `new`.
    pub item: Vec<String>,
    /// The `use` that brings in the first name; a glob too.
    pub leaf: Option<usize>,
    /// The path is written out, so that no `use` has a part in it.
    pub is_whole: bool,
}

/// A name that a `use` brings in from the facade.
pub struct Leaf {
    pub file: usize,
    pub module: ModId,
    /// Its place among the names of the `use`.
    pub index: usize,
    /// `None` for a glob.
    pub local: Option<String>,
    pub is_renamed: bool,
    pub item: Vec<String>,
    pub is_public: bool,
    /// The name, with its new name.
    pub range: Range<usize>,
    /// The whole `use`.
    pub statement: Range<usize>,
}

/// All of them, in the order of the files.
pub fn of(program: &Program, facts: &Facts) -> (Vec<Leaf>, Vec<Mention>) {
    let mut leaves = Vec::new();
    let called: FxHashSet<(usize, usize)> = facts
        .uses
        .iter()
        .map(|found| (found.file, found.name.start))
        .collect();
    each_module(program, |module, items, parsed| {
        let mut uses = Uses {
            program,
            parsed,
            module,
            leaves: &mut leaves,
        };
        items.iter().for_each(|item| uses.visit_item(item));
    });
    let by_name: FxHashMap<(ModId, String), usize> = leaves
        .iter()
        .enumerate()
        .filter_map(|(index, leaf)| Some(((leaf.module, leaf.local.clone()?), index)))
        .collect();
    let mut mentions = Vec::new();
    each_module(program, |module, items, parsed| {
        let mut paths = Paths {
            program,
            parsed,
            module,
            called: &called,
            leaves: &leaves,
            by_name: &by_name,
            mentions: &mut mentions,
        };
        items.iter().for_each(|item| paths.visit_item(item));
    });
    (leaves, mentions)
}

fn each_module<'a>(program: &Program<'a>, mut visit: impl FnMut(ModId, &'a [Item], &'a Parsed)) {
    for (module, found) in program.modules.iter().enumerate() {
        if let (Some(items), Some(parsed)) = (program.items_of(module), &program.files[found.file])
            && !parsed.is_generated
            && is_on_facade(program, module)
        {
            visit(module, items, parsed);
        }
    }
}

/// Whether paths to WASI 0.2 in this module lead into the facade: the package knows no bindings of 0.2.
pub fn is_on_facade(program: &Program, module: ModId) -> bool {
    let own = program.modules[module].package;
    let package = &program.packages[own];
    let has_crate = match package.manifest {
        Some(_) => !package.wasi.is_empty(),
        None => {
            let parsed = program.files[program.modules[module].file].as_ref();
            parsed.is_some_and(|parsed| parsed.text.contains("wasip2"))
        }
    };
    let generates = |found: &super::super::tree::Module| found.package == own && found.has_bindings;
    !has_crate && !program.modules.iter().any(generates)
}

struct Uses<'a, 'b> {
    program: &'b Program<'a>,
    parsed: &'a Parsed,
    module: ModId,
    leaves: &'b mut Vec<Leaf>,
}

impl<'ast> Visit<'ast> for Uses<'_, '_> {
    fn visit_block(&mut self, block: &'ast Block) {
        let outer = self.module;
        self.module = self.program.module_in(block, outer);
        visit::visit_block(self, block);
        self.module = outer;
    }

    // A module of its own.
    fn visit_item_mod(&mut self, _: &'ast syn::ItemMod) {}

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        let mut path = match item.leading_colon {
            Some(_) => vec![String::new()],
            None => Vec::new(),
        };
        let mut index = 0;
        self.tree(item, &item.tree, &mut path, &mut index);
    }
}

impl Uses<'_, '_> {
    fn tree(&mut self, item: &ItemUse, tree: &UseTree, path: &mut Vec<String>, index: &mut usize) {
        let (name, rename) = match tree {
            UseTree::Path(tree) => {
                path.push(tree.ident.to_string());
                self.tree(item, &tree.tree, path, index);
                path.pop();
                return;
            }
            UseTree::Group(tree) => {
                for tree in &tree.items {
                    self.tree(item, tree, path, index);
                }
                return;
            }
            UseTree::Name(tree) => (Some(&tree.ident), None),
            UseTree::Rename(tree) => (Some(&tree.ident), Some(&tree.rename)),
            UseTree::Glob(_) => (None, None),
        };
        let own = *index;
        *index += 1;
        let mut whole = path.clone();
        whole.extend(name.filter(|name| *name != "self").map(ToString::to_string));
        let Some((Def::Wasi(found), _)) = self.program.resolve(self.module, &whole, Space::Type)
        else {
            return;
        };
        let local = rename
            .map(ToString::to_string)
            .or_else(|| name.and(whole.last().cloned()));
        self.leaves.push(Leaf {
            file: self.program.modules[self.module].file,
            module: self.module,
            index: own,
            local,
            is_renamed: rename.is_some(),
            item: found,
            is_public: !matches!(item.vis, Visibility::Inherited),
            range: self.parsed.range(tree),
            statement: self.parsed.range(item),
        });
    }
}

struct Paths<'a, 'b> {
    program: &'b Program<'a>,
    parsed: &'a Parsed,
    module: ModId,
    called: &'b FxHashSet<(usize, usize)>,
    leaves: &'b [Leaf],
    by_name: &'b FxHashMap<(ModId, String), usize>,
    mentions: &'b mut Vec<Mention>,
}

impl Paths<'_, '_> {
    /// The `use` that a name comes from: `Err` if it is defined here.
    fn leaf(&self, name: &str) -> Result<Option<usize>, ()> {
        let mut at = self.module;
        loop {
            if let Some(leaf) = self.by_name.get(&(at, name.to_owned())) {
                return Ok(Some(*leaf));
            }
            let found = &self.program.modules[at];
            if found.names.contains_key(name) {
                return Err(());
            }
            let globs = self.leaves.iter().enumerate();
            let mut globs = globs.filter(|(_, leaf)| leaf.module == at && leaf.local.is_none());
            if let Some((glob, _)) = globs.next() {
                return Ok(Some(glob));
            }
            match (found.is_block, found.parent) {
                (true, Some(parent)) => at = parent,
                _ => return Ok(None),
            }
        }
    }
}

impl<'ast> Visit<'ast> for Paths<'_, '_> {
    fn visit_block(&mut self, block: &'ast Block) {
        let outer = self.module;
        self.module = self.program.module_in(block, outer);
        visit::visit_block(self, block);
        self.module = outer;
    }

    fn visit_item_mod(&mut self, _: &'ast syn::ItemMod) {}

    fn visit_item_use(&mut self, _: &'ast ItemUse) {}

    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}

    fn visit_macro(&mut self, found: &'ast syn::Macro) {
        self.visit_path(&found.path);
        let parsed = self.parsed;
        for argument in parsed.arguments(found).unwrap_or_default() {
            Visit::visit_expr(self, argument);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        visit::visit_path(self, path);
        let names = segments(path);
        let (Some(first), Some(last)) = (path.segments.first(), path.segments.last()) else {
            return;
        };
        let range = self.parsed.range(&first.ident).start..self.parsed.range(&last.ident).end;
        let file = self.program.modules[self.module].file;
        // A variable may have the name.
        let is_lone = names.len() == 1 && names[0].starts_with(char::is_lowercase);
        if is_lone && !self.called.contains(&(file, range.start)) {
            return;
        }
        let found = [Space::Type, Space::Value].into_iter().find_map(|space| {
            match self.program.resolve(self.module, &names, space) {
                Some((Def::Wasi(item), used)) if used == names.len() => Some(item),
                _ => None,
            }
        });
        let Some(item) = found else { return };
        let leaf = self.leaf(&names[0]).unwrap_or(None);
        let is_whole = leaf.is_none()
            && names
                .iter()
                .take(2 + usize::from(names[0].is_empty()))
                .any(|name| name == "p2");
        self.mentions.push(Mention {
            file,
            module: self.module,
            range,
            names,
            item,
            leaf,
            is_whole,
        });
    }
}
