//! The moves of paths to WASI 0.2 in WIT: of a `use` with its names, of an import or export, of an `include`.

use super::tree::*;
use super::wasi::{definition_0_2, reuses_0_3};
use super::{Package, Scope};
use crate::edit::{Edit, whole_lines};
use crate::moves::{Change, TO, moves};

/// The most important change. There is a rule for each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The version only.
    Version,
    /// The interface or world has another name.
    Interface,
    /// Types in the `use` have other names.
    Types,
    /// It is not needed any more.
    Unneeded,
}

#[derive(Clone)]
pub struct Moved {
    pub kind: Kind,
    /// The old path: `wasi:clocks/wall-clock`.
    pub from: String,
    /// The new path. Empty if it is not needed.
    pub to: String,
    /// Names that change: before and after.
    pub types: Vec<(String, String)>,
    pub edits: Vec<Edit>,
}

/// A name that has no counterpart and is still written somewhere.
pub struct Stuck {
    pub place: Place,
    pub interface: String,
    pub item: String,
}

/// `wasi:io/streams` if the path leads to WASI 0.2. Packages that are not in the table are ignored.
pub fn interface_0_2(package: &Package, file: &File, path: &Path) -> Option<String> {
    let (interface, version) = package.wasi_path(file, path)?;
    let is_old = (version.major, version.minor) == (0, 2) && moves().knows(&interface);
    is_old.then_some(interface)
}

enum Fate {
    Kept,
    Renamed(String),
    /// It has no counterpart, but nothing here needs it.
    Dropped,
    Stuck,
}

/// The move of a whole `use`, or what keeps it from moving.
pub fn of_use(
    text: &str,
    package: &Package,
    file: &File,
    scope: &Scope,
    used: &Use,
) -> Option<Result<Moved, Vec<Stuck>>> {
    let from = interface_0_2(package, file, &used.path)?;
    let to = moves().target(&from).map(str::to_owned);
    let fates: Vec<_> = used
        .names
        .iter()
        .map(|name| fate(package, scope, &from, to.as_deref(), name))
        .collect();
    let stuck = used
        .names
        .iter()
        .zip(&fates)
        .filter(|(_, fate)| matches!(fate, Fate::Stuck))
        .map(|(name, _)| {
            let (interface, item) = definition_0_2(&from, &name.name.text);
            Stuck {
                place: name.range.clone(),
                interface: interface.to_owned(),
                item: item.to_owned(),
            }
        });
    let stuck: Vec<_> = stuck.collect();
    if !stuck.is_empty() {
        return Some(Err(stuck));
    }
    if fates.iter().all(|fate| matches!(fate, Fate::Dropped)) {
        let edits = vec![Edit::delete(whole_lines(text, used.range.clone()))];
        return Some(Ok(Moved {
            kind: Kind::Unneeded,
            from,
            to: String::new(),
            types: Vec::new(),
            edits,
        }));
    }
    let to = to?;
    let mut moved = Moved {
        kind: Kind::Version,
        edits: path_edits(&used.path, &to)?,
        types: Vec::new(),
        from,
        to,
    };
    if moved.to != moved.from {
        moved.kind = Kind::Interface;
    }
    let mut dropped = vec![false; used.names.len()];
    for (index, (name, fate)) in used.names.iter().zip(&fates).enumerate() {
        match fate {
            Fate::Kept => {}
            Fate::Stuck => unreachable!("answered above"),
            Fate::Dropped => {
                dropped[index] = true;
                moved.types.push((name.name.text.clone(), String::new()));
            }
            Fate::Renamed(new) => {
                dropped[index] =
                    rename(package, file, scope, &moved.to, name, new, &mut moved.edits)?;
                moved.types.push((name.name.text.clone(), new.clone()));
            }
        }
    }
    if !moved.types.is_empty() {
        moved.kind = Kind::Types;
    }
    let places: Vec<_> = used.names.iter().map(|name| name.range.clone()).collect();
    // A name that goes is not edited as well.
    moved.edits.retain(|edit| {
        !places.iter().zip(&dropped).any(|(place, dropped)| {
            *dropped && place.start <= edit.range.start && edit.range.end <= place.end
        })
    });
    moved.edits.extend(
        removals(text, &places, &dropped)
            .into_iter()
            .map(Edit::delete),
    );
    Some(Ok(moved))
}

fn fate(package: &Package, scope: &Scope, from: &str, to: Option<&str>, name: &UseName) -> Fate {
    let old = definition_0_2(from, &name.name.text);
    let local = &name.local().text;
    let target = moves().item_target(old.0, old.1);
    if let (Some((interface, item)), Some(to)) = (target, to)
        && (interface == to || reuses_0_3(to, item, (interface, item)) || reuses_0_3(to, item, old))
    {
        return if item == name.name.text {
            Fate::Kept
        } else {
            Fate::Renamed(item.to_owned())
        };
    }
    let unused = scope.references(local).is_empty() && !package.is_used_elsewhere(scope, local);
    if unused && target.is_none() {
        Fate::Dropped
    } else {
        Fate::Stuck
    }
}

/// Writes the new name here and wherever the old one was used; keeps the old one (`new as old`) where others know it.
/// Returns whether the name is deleted, since another `use` has the same type already. `None`: not in this round.
fn rename(
    package: &Package,
    file: &File,
    scope: &Scope,
    to: &str,
    name: &UseName,
    new: &str,
    edits: &mut Vec<Edit>,
) -> Option<bool> {
    let old = &name.name.text;
    if let Some(local) = &name.rename {
        // `datetime as instant`: `instant`.
        let range = if local.text == new {
            name.range.clone()
        } else {
            name.name.range.clone()
        };
        edits.push(Edit::replace(range, new));
        return Some(false);
    }
    if package.is_used_elsewhere(scope, old) {
        edits.push(Edit::replace(
            name.name.range.clone(),
            format!("{new} as {old}"),
        ));
        return Some(false);
    }
    // Both `incoming-request` and `outgoing-request` are `request`: the second is the first.
    let mut goes = false;
    for used in &scope.uses {
        for other in used
            .names
            .iter()
            .filter(|other| other.rename.is_none() && other.range.start < name.range.start)
        {
            let Some((interface, _)) = package.wasi_path(file, &used.path) else {
                continue;
            };
            let (interface, item) = definition_0_2(&interface, &other.name.text);
            goes |= interface == to && item == new
                || moves().item_target(interface, item) == Some((to, new));
        }
    }
    if !goes && let Some(taken) = taken(scope, new) {
        match taken {
            // That one is about to be renamed itself (`monotonic-clock.instant` makes way for `system-clock.instant`).
            Some(used)
                if interface_0_2(package, file, &used.path).is_some_and(|from| {
                    let target = moves().item_target(&from, new);
                    target.is_some_and(|(_, target)| target != new)
                }) =>
            {
                return None;
            }
            _ => {
                edits.push(Edit::replace(
                    name.name.range.clone(),
                    format!("{new} as {old}"),
                ));
                return Some(false);
            }
        }
    }
    edits.push(Edit::replace(name.name.range.clone(), new));
    edits.extend(
        scope
            .references(old)
            .into_iter()
            .map(|place| Edit::replace(place, new)),
    );
    Some(goes)
}

/// Whether the scope has something of that name, and the `use` it comes from, if it does.
fn taken<'a>(scope: &Scope<'a>, name: &str) -> Option<Option<&'a Use>> {
    let used = scope
        .uses
        .iter()
        .find(|used| used.names.iter().any(|found| found.local().text == name));
    if let Some(used) = used {
        return Some(Some(used));
    }
    let own = scope.types.iter().any(|ty| ty.name.text == name)
        || scope.funcs.iter().any(|func| func.name.text == name);
    own.then_some(None)
}

/// Edits of a path's name and version; `None` for one without package, which a `use` at the top leads on.
pub fn path_edits(path: &Path, to: &str) -> Option<Vec<Edit>> {
    path.package.as_ref()?;
    let mut edits = Vec::new();
    let name = to.rsplit('/').next().unwrap_or(to);
    if path.name.text != name {
        edits.push(Edit::replace(path.name.range.clone(), name));
    }
    edits.push(Edit::replace(path.version.as_ref()?.range.clone(), TO));
    Some(edits)
}

/// The bytes to delete so that those items of a list separated by commas are gone; comments stay.
pub fn removals(text: &str, places: &[Place], dropped: &[bool]) -> Vec<Place> {
    let mut ranges: Vec<Place> = Vec::new();
    let has_comment =
        |range: &Place| text[range.clone()].contains("//") || text[range.clone()].contains("/*");
    for (index, place) in places
        .iter()
        .enumerate()
        .filter(|(index, _)| dropped[*index])
    {
        let kept_before = (0..index).rev().find(|index| !dropped[*index]);
        let range = match (places.get(index + 1), kept_before) {
            (Some(next), _) if !has_comment(&(place.end..next.start)) => place.start..next.start,
            (Some(next), _) => {
                let comma = text[place.end..next.start]
                    .find(',')
                    .map_or(place.end, |at| place.end + at + 1);
                place.start
                    ..comma + text[comma..].len()
                        - text[comma..].trim_start_matches([' ', '\t']).len()
            }
            // The last: the comma behind the last that stays goes too.
            (None, Some(before)) if !has_comment(&(places[before].end..place.start)) => {
                let start = places[before].end;
                ranges.retain(|range| range.start < start);
                start..place.end
            }
            // With its own comma, if it has one.
            (None, _) => {
                let rest = text[place.end..].trim_start();
                let comma = if rest.starts_with(',') {
                    text.len() - rest.len() + 1
                } else {
                    place.end
                };
                place.start
                    ..comma + text[comma..].len()
                        - text[comma..].trim_start_matches([' ', '\t']).len()
            }
        };
        ranges.push(range);
    }
    ranges
}

/// What becomes of an import or an export. `None`: not WASI 0.2. `Some(None)`: it is gone.
pub fn of_extern(
    text: &str,
    package: &Package,
    file: &File,
    world: &World,
    item: &Extern,
    path: &Path,
) -> Option<Option<Moved>> {
    let from = interface_0_2(package, file, path)?;
    if moves().get(&from)?.change == Change::Gone {
        return Some(None);
    }
    let to = moves().target(&from)?.to_owned();
    let edits = path_edits(path, &to)?;
    let kind = if from == to {
        Kind::Version
    } else {
        Kind::Interface
    };
    // Several interfaces became one: the first import of it is enough.
    let same_direction =
        |other: &WorldItem| match (other, world.items.iter().find(|found| is(found, item))) {
            (WorldItem::Import(other), Some(WorldItem::Import(_)))
            | (WorldItem::Export(other), Some(WorldItem::Export(_))) => Some(other.range.clone()),
            _ => None,
        };
    let earlier = world.items.iter().any(|other| {
        let Some(range) = same_direction(other) else {
            return false;
        };
        let (WorldItem::Import(other) | WorldItem::Export(other)) = other else {
            return false;
        };
        let ExternKind::Path(path) = &other.kind else {
            return false;
        };
        let Some((interface, version)) = package.wasi_path(file, path) else {
            return false;
        };
        let now = if (version.major, version.minor) == (0, 2) {
            moves().target(&interface)
        } else {
            Some(interface.as_str())
        };
        // One that is there already counts wherever it stands.
        now == Some(&to)
            && (range.start < item.range.start || (version.minor == 3 && range != item.range))
    });
    if earlier {
        let edits = vec![Edit::delete(whole_lines(text, item.range.clone()))];
        return Some(Some(Moved {
            kind: Kind::Interface,
            from,
            to,
            types: Vec::new(),
            edits,
        }));
    }
    Some(Some(Moved {
        kind,
        from,
        to,
        types: Vec::new(),
        edits,
    }))
}

fn is(found: &WorldItem, item: &Extern) -> bool {
    matches!(found, WorldItem::Import(found) | WorldItem::Export(found) if found.range == item.range)
}
