//! Rules about WIT.

pub mod blocking_function;
pub mod gone_interface;
pub mod gone_type;
pub mod input_stream_handle;
pub mod moved_interface;
pub mod moved_type;
pub mod moved_world;
pub mod network_handle;
pub mod output_stream_handle;
pub mod pollable_handle;
pub mod proposal_interface;
pub mod proposal_package;
pub mod release_candidate;
pub mod start_finish_pair;
pub mod sync_export;
pub mod unused_io;
pub mod vendored_wasi;
pub mod wasi_version;

use super::WitContext;
use crate::edit::Fix;
use crate::finding::Finding;
use crate::rules::Movement;
use crate::wit::moved::{self, Kind, Moved};
use crate::wit::{
    Extern, ExternKind, Item, Origin, Place, Scope, Type, TypeKind, Use, WasiItem, World, WorldItem,
};
use std::rc::Rc;

impl<'a> WitContext<'a> {
    fn uses(&self) -> impl Iterator<Item = (&'a Scope<'a>, &'a Use)> {
        self.scopes
            .iter()
            .flat_map(|scope| scope.uses.iter().map(move |used| (scope, *used)))
    }

    fn worlds(&self) -> impl Iterator<Item = &'a World> {
        self.file.items().filter_map(|(_, item)| match item {
            Item::World(world) => Some(world),
            _ => None,
        })
    }

    /// Imports and exports of interfaces by path, and whether it is an export.
    fn externs(&self) -> Vec<(&'a World, &'a Extern, &'a crate::wit::Path, bool)> {
        let mut externs = Vec::new();
        for world in self.worlds() {
            for item in &world.items {
                let (WorldItem::Import(found) | WorldItem::Export(found)) = item else {
                    continue;
                };
                if let ExternKind::Path(path) = &found.kind {
                    externs.push((world, found, path, matches!(item, WorldItem::Export(_))));
                }
            }
        }
        externs
    }

    /// All `use`s, imports and exports that move in this way.
    fn moved(&self, kind: Kind) -> impl Iterator<Item = (Place, Moved)> {
        let all = self.all_moved().iter();
        all.filter_map(move |(place, moved)| match moved {
            Ok(moved) if moved.kind == kind => Some((place.clone(), moved.clone())),
            _ => None,
        })
    }

    /// The names in `use`s that have no counterpart and are still written somewhere.
    fn stuck(&self) -> impl Iterator<Item = &moved::Stuck> {
        let all = self.all_moved().iter();
        all.filter_map(|(_, moved)| moved.as_ref().err()).flatten()
    }

    fn all_moved(&self) -> &Vec<Movement> {
        self.moved.get_or_init(|| {
            let mut found = Vec::new();
            for (scope, used) in self.uses() {
                let moved = moved::of_use(self.text, self.package, self.file, scope, used);
                found.extend(moved.map(|moved| (used.path.range.clone(), moved)));
            }
            for (world, item, path, _) in self.externs() {
                let moved = moved::of_extern(self.text, self.package, self.file, world, item, path);
                let moved = moved.flatten();
                found.extend(moved.map(|moved| (path.range.clone(), Ok(moved))));
            }
            found
        })
    }

    /// The item of WASI 0.2 that a type is, as a handle or not.
    fn wasi_type(&self, scope: &Scope, ty: &Type) -> Option<Rc<WasiItem>> {
        let name = match &ty.kind {
            TypeKind::Name(name) => name,
            TypeKind::Own(ty) | TypeKind::Borrow(ty) => ty.name()?,
            _ => return None,
        };
        let mut types = self.types.borrow_mut();
        let types = types.entry(scope.name.range.start).or_default();
        if let Some(known) = types.get(name) {
            return known.clone();
        }
        let found = match self.package.origin(self.file, scope, name) {
            Origin::Wasi(item) if (item.version.major, item.version.minor) == (0, 2) => {
                Some(Rc::new(item))
            }
            _ => None,
        };
        types.insert(name.to_owned(), found.clone());
        found
    }

    fn is(&self, scope: &Scope, ty: &Type, interface: &str, item: &str) -> bool {
        self.wasi_type(scope, ty)
            .is_some_and(|found| found.is(interface, item))
    }
}

/// A finding whose fix is the move.
fn moved_finding(place: Place, moved: Moved, message: String) -> Finding {
    Finding::new(place, message).fix(Fix::safe(moved.edits))
}
