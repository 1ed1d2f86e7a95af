//! Turns the code that wit-bindgen has generated for the original world into code for the split world.
//!
//! Types, signatures, traits and modules stay as they are. Only code that touches the ABI is replaced. Each kind has a file.

mod async_export;
mod async_import;
mod export_macro;
mod foreign;
mod link;
mod payload;
mod resource;
mod section;
mod sync_import;
mod unmentioned;

use crate::target::Target;
use std::collections::{BTreeMap, BTreeSet};
use syn::visit_mut::{self, VisitMut};
use syn::{Block, File, Item, ItemImpl, ItemMacro, ItemMod, ItemStatic};

/// Patches the generated `file`. Errors are about what the split ABI cannot do.
pub fn patch(
    file: &mut File,
    target: &Target,
    sections: &Sections,
    skip: &[String],
) -> Result<(), syn::Error> {
    let payloads = payload::survey(file, target);
    let mut patch = Patch {
        target,
        sections,
        skip,
        payloads: &payloads,
        depth: 0,
        links: BTreeMap::new(),
        sync: BTreeSet::new(),
        error: None,
    };
    patch.items(&mut file.items);
    patch.error.map_or(Ok(()), Err)
}

/// The encodings of the split world that take the place of the original's.
pub struct Sections {
    /// The encoding beside the bindings.
    pub bindings: Vec<u8>,
    /// The encoding in the `export!` macro, if it can be used from another crate.
    pub export: Vec<u8>,
}

struct Patch<'a> {
    target: &'a Target,
    sections: &'a Sections,
    /// The functions that nothing was generated for.
    skip: &'a [String],
    payloads: &'a [payload::Payload<'a>],
    /// The nesting of the module being visited.
    depth: usize,
    /// The links that the functions of the module being visited ask for, by the names of their statics.
    links: BTreeMap<String, link::Wanted>,
    /// The exported functions of the module being visited that are asynchronous, but were bound synchronously.
    sync: BTreeSet<String>,
    error: Option<syn::Error>,
}

impl Patch<'_> {
    /// Patches the items of one module.
    fn items(&mut self, items: &mut Vec<Item>) {
        let outer_links = std::mem::take(&mut self.links);
        let outer_sync = std::mem::take(&mut self.sync);
        let scope = self.exported_scope(items);

        // (1) Functions that become two.
        let mut new = Vec::new();
        for item in std::mem::take(items) {
            match item {
                Item::Fn(function) => new.extend(self.exported_function(function, scope.as_ref())),
                Item::Mod(module) if payload::is_vtable(&module) => {
                    new.push(Item::Mod(self.vtable(module)));
                }
                item => new.push(item),
            }
        }
        // (2) Everything that stays in its place.
        for item in &mut new {
            self.visit_item_mut(item);
        }
        // (3) The items that (1) and (2) refer to.
        self.sync = outer_sync;
        let links = std::mem::replace(&mut self.links, outer_links);
        new.extend(links.iter().map(|(name, link)| self.link(name, link)));
        if let Some(scope) = &scope {
            new.extend(self.export_helpers(scope, self.depth));
        }
        *items = new;
    }

    fn fail(&mut self, error: syn::Error) {
        match &mut self.error {
            Some(errors) => errors.combine(error),
            None => self.error = Some(error),
        }
    }
}

impl VisitMut for Patch<'_> {
    fn visit_item_mod_mut(&mut self, module: &mut ItemMod) {
        if payload::is_vtable(module) {
            return;
        }
        if let Some((_, items)) = &mut module.content {
            self.depth += 1;
            self.items(items);
            self.depth -= 1;
        }
    }

    fn visit_item_impl_mut(&mut self, item: &mut ItemImpl) {
        if async_import::is_subtask(item) {
            self.subtask(item);
            return;
        }
        self.exported_resource(item);
        visit_mut::visit_item_impl_mut(self, item);
    }

    fn visit_block_mut(&mut self, block: &mut Block) {
        self.imports_in(block);
        visit_mut::visit_block_mut(self, block);
    }

    fn visit_item_foreign_mod_mut(&mut self, item: &mut syn::ItemForeignMod) {
        self.rename(item);
    }

    fn visit_item_macro_mut(&mut self, item: &mut ItemMacro) {
        self.export_macro(item);
    }

    fn visit_item_static_mut(&mut self, item: &mut ItemStatic) {
        section::replace(item, &self.sections.bindings);
    }
}
