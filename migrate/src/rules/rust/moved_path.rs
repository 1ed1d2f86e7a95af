//! Finds paths to items of WASI 0.2 that are elsewhere in 0.3, be it that only the crate is another.
//!
//! ## Why
//! The crates `wasi` and `wasip2` bind 0.2, `wasip3` (or `compat-api`) binds 0.3. Modules are called like the interfaces: `wall_clock`
//! is `system_clock`, the socket modules are `types`, both requests of `wasi:http` are `Request`.
//!
//! ## Before
//! ```rust,ignore
//! use wasi::clocks::{monotonic_clock, wall_clock};
//! use wasi::sockets::network::{IpAddress, IpSocketAddress};
//!
//! fn now() -> (wall_clock::Datetime, monotonic_clock::Instant) {
//!     (wall_clock::now(), wasi::clocks::monotonic_clock::now())
//! }
//!
//! fn name(at: IpSocketAddress, from: IpAddress) {}
//! ```
//!
//! ## After
//! ```rust,ignore
//! use wasip3::clocks::{monotonic_clock, system_clock};
//! use wasip3::sockets::types::{IpAddress, IpSocketAddress};
//!
//! fn now() -> (system_clock::Instant, monotonic_clock::Mark) {
//!     (system_clock::now(), wasip3::clocks::monotonic_clock::now())
//! }
//!
//! fn name(at: IpSocketAddress, from: IpAddress) {}
//! ```
//!
//! ## Fix
//! Safe: only names change, and all of the file's do. A `use` moves when all of its names can. While something in the file still needs a type that
//! is gone, or a function that works differently now, other rules have to do with that first: until then moving the rest is unsafe, since
//! the types of two versions don't fit.

use super::RustContext;
use crate::edit::{Edit, Fix, Safety, apply};
use crate::finding::Finding;
use crate::moves::{Change, moves};
use crate::rust::{Leaf, Mention, Root, WasiPath, camel, snake};
use crate::wit::wasi::exists_0_3;
use std::collections::BTreeMap;
use std::ops::Range;
use syn::Ident;

pub fn check(context: &RustContext, found: &mut Vec<Finding>) {
    let mut all = moved(context).clone();
    if is_stuck(&all) {
        all.iter_mut()
            .filter_map(|finding| finding.fix.as_mut())
            .for_each(|fix| fix.safety = Safety::Unsafe);
    }
    found.extend(all);
}

/// Whether something in the file has to stay with 0.2, so that to rename other things would leave it half way.
pub fn stays_behind(context: &RustContext) -> bool {
    is_stuck(moved(context))
}

fn moved<'a>(context: &'a RustContext) -> &'a Vec<Finding> {
    context.moved.get_or_init(|| findings(context))
}

fn is_stuck(findings: &[Finding]) -> bool {
    findings.iter().any(|finding| finding.fix.is_none())
}

fn findings(context: &RustContext) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut items: BTreeMap<usize, Vec<(&Leaf, &WasiPath)>> = BTreeMap::new();
    for leaf in &context.file.names.leaves {
        if let Some(wasi) = leaf.wasi.as_ref().filter(|wasi| wasi.root != Root::Crate03) {
            items
                .entry(context.at(leaf.item).start)
                .or_default()
                .push((leaf, wasi));
        }
    }
    for leaves in items.into_values() {
        let place = context.at(leaves[0].0.item);
        let names: Vec<_> = leaves
            .iter()
            .map(|(_, wasi)| format!("`{}`", wasi.full()))
            .collect();
        let finding = Finding::new(place, format!("{} of WASI 0.2", names.join(", ")));
        match used(context, &leaves) {
            Ok(edits) if edits.is_empty() => {}
            Ok(edits) => found.push(finding.fix(Fix::safe(edits))),
            Err(reason) => found.push(finding.help(reason)),
        }
    }
    // Paths written out, from the crate on.
    for mention in mentions(context, &(0..usize::MAX)).filter(|mention| mention.wasi.root_written) {
        let wasi = &mention.wasi;
        let finding = Finding::new(
            mention.place.clone(),
            format!("`{}` of WASI 0.2", wasi.full()),
        );
        match written(context, mention.path, wasi) {
            Some(edits) if edits.is_empty() => {}
            Some(edits) => found.push(finding.fix(Fix::safe(edits))),
            // Other rules tell what is different; the path can't move before.
            None => found.push(finding.help("it works differently in 0.3")),
        }
    }
    found
}

/// The written paths into WASI 0.2 within these bytes.
fn mentions<'a>(
    context: &'a RustContext,
    scope: &Range<usize>,
) -> impl Iterator<Item = &'a Mention<'a>> {
    let all = &context.file.wasi_paths;
    let start = all.partition_point(|mention| mention.place.start < scope.start);
    let end = all.partition_point(|mention| mention.place.start < scope.end);
    all[start..end]
        .iter()
        .filter(|mention| mention.wasi.root != Root::Crate03)
}

/// All that a `use` of 0.2 becomes, with the mentions of what it brings in; or why it can't move.
fn used(context: &RustContext, leaves: &[(&Leaf, &WasiPath)]) -> Result<Vec<Edit>, String> {
    let mut edits: Vec<Edit> = Vec::new();
    let mut brought: Vec<String> = Vec::new();
    let mut dropped: Vec<&Leaf> = Vec::new();
    for (leaf, wasi) in leaves {
        let local = leaf.local();
        let Some(to) = target(wasi) else {
            if local
                .as_ref()
                .is_some_and(|local| context.file.mentions(local) == 0)
                || leaf.is_glob
                    && wasi.interface.starts_with("wasi:io/")
                    && !glob_needed(context, wasi)
            {
                dropped.push(leaf);
                continue;
            }
            let note = moves()
                .get(&wasi.full())
                .or_else(|| moves().get(&wasi.interface))
                .map_or("", |entry| &entry.note);
            return Err(format!(
                "`{}` is gone in 0.3, and still needed here: {note}",
                wasi.full()
            ));
        };
        let mut blocked = None;
        let mut renames = Vec::new();
        let scope = context.file.scope_of_leaf(leaf);
        for mention in mentions(context, &scope) {
            let (path, mention) = (mention.path, &mention.wasi);
            if mention.root_written || mention.interface != wasi.interface {
                continue;
            }
            let Some(first) = path
                .segments
                .first()
                .filter(|first| Some(first.ident.to_string()) == local || leaf.is_glob)
            else {
                continue;
            };
            if !leaf.is_glob && mention.rest.first() != wasi.rest.first() && !wasi.rest.is_empty() {
                continue;
            }
            match written(context, path, mention) {
                Some(new) => renames.extend(new),
                None => {
                    blocked = blocked.take().or(Some(format!(
                        "`{}::{}` works differently in 0.3",
                        first.ident,
                        path.segments
                            .last()
                            .map_or(String::new(), |last| last.ident.to_string())
                    )))
                }
            }
        }
        if let Some(reason) = blocked {
            return Err(reason);
        }
        let (interface, rest) = to
            .split_once('.')
            .map_or((to.as_str(), None), |(interface, rest)| {
                (interface, Some(rest))
            });
        edits.extend(renames);
        let last = leaf.path.last().filter(|_| !wasi.rest.is_empty());
        match (last, rest) {
            (Some(last), Some(new)) => {
                let new = rust_name(&last.to_string(), new);
                let local = leaf
                    .rename
                    .as_ref()
                    .map_or(new.clone(), ToString::to_string);
                if brought.contains(&local) {
                    dropped.push(leaf);
                } else if last != &new {
                    edits.push(Edit::replace(context.at(last.span()), new));
                }
                brought.push(local);
            }
            _ => brought.extend(local),
        }
        if let Some(index) = interface_index(&leaf.path, wasi, leaf.is_glob) {
            edits.extend(module_edits(
                context,
                &leaf.path,
                index,
                &wasi.interface,
                interface,
            ));
        }
        edits.extend(root_edit(context, wasi, leaf.path.first()));
    }
    if dropped.len() == leaves.len() {
        let range = crate::edit::whole_lines(context.text, context.at(leaves[0].0.item));
        return Ok(vec![Edit::delete(range)]);
    }
    for leaf in dropped {
        let Some(last) = leaf
            .rename
            .as_ref()
            .or(leaf.path.last())
            .filter(|_| !leaf.is_glob)
        else {
            return Err("part of the group is gone in 0.3".to_owned());
        };
        let start = leaf.path.last().map_or(last.span(), Ident::span);
        let place = context.at(start).start..context.at(last.span()).end;
        edits.retain(|edit| !(place.start <= edit.range.start && edit.range.end <= place.end));
        edits.push(Edit::delete(
            with_comma(context.text, place)
                .ok_or("part of the group is gone in 0.3: take it out")?,
        ));
    }
    edits.sort_by_key(|edit| (edit.range.start, edit.range.end));
    edits.dedup();
    Ok(without_braces(context, context.at(leaves[0].0.item), edits))
}

/// Where one name of a group is left, `{Name}` becomes `Name`.
fn without_braces(
    context: &RustContext,
    item: std::ops::Range<usize>,
    edits: Vec<Edit>,
) -> Vec<Edit> {
    let before = &context.text[item.clone()];
    let (inside, mut outside): (Vec<_>, Vec<_>) = edits
        .into_iter()
        .partition(|edit| item.start <= edit.range.start && edit.range.end <= item.end);
    let local = inside.iter().map(|edit| Edit {
        range: edit.range.start - item.start..edit.range.end - item.start,
        text: edit.text.clone(),
    });
    let (mut after, _) = apply(before, [&Fix::safe(local.collect())]);
    let plain = after.clone();
    while let Some(open) = after.match_indices('{').map(|(at, _)| at).find(|open| {
        let close = after[*open..].find('}').map_or(0, |length| open + length);
        let name = after[open + 1..close.max(open + 1)]
            .trim()
            .trim_end_matches(',');
        !name.is_empty()
            && name.chars().all(|c| c.is_alphanumeric() || c == '_')
            && !before.contains(&format!("{{{name}}}"))
    }) {
        let Some(close) = after[open..].find('}').map(|length| open + length) else {
            break;
        };
        let name = after[open + 1..close]
            .trim()
            .trim_end_matches(',')
            .to_owned();
        after.replace_range(open..=close, &name);
    }
    if after == plain {
        outside.extend(inside);
    } else {
        outside.push(Edit::replace(item, after));
    }
    outside
}

/// A glob of `wasi:io` is needed while something in the file is one of its types.
fn glob_needed(context: &RustContext, wasi: &WasiPath) -> bool {
    mentions(context, &(0..usize::MAX)).any(|mention| mention.wasi.interface == wasi.interface)
}

/// The place of an item in a group, with one of the commas around it.
fn with_comma(text: &str, place: std::ops::Range<usize>) -> Option<std::ops::Range<usize>> {
    let rest = &text[place.end..];
    let after = rest.trim_start();
    if let Some(after) = after.strip_prefix(',') {
        let after = after.trim_start();
        return Some(place.start..text.len() - after.len());
    }
    let before = text[..place.start].trim_end();
    // `{IncomingBody}`, the group is this one alone: nothing.
    let before = before.strip_suffix(',')?;
    Some(before.len()..place.end)
}

/// The edits of a written path: `None` if what it leads to is gone or works differently.
fn written(context: &RustContext, path: &syn::Path, wasi: &WasiPath) -> Option<Vec<Edit>> {
    let to = target(wasi)?;
    let (interface, rest) = to
        .split_once('.')
        .map_or((to.as_str(), ""), |(interface, rest)| (interface, rest));
    let idents: Vec<_> = path
        .segments
        .iter()
        .map(|segment| segment.ident.clone())
        .collect();
    let mut edits = Vec::new();
    let new: Vec<_> = rest.split('.').filter(|part| !part.is_empty()).collect();
    for (at, ident) in idents
        .iter()
        .enumerate()
        .skip(idents.len() - wasi.written_rest.min(idents.len()))
    {
        let index = at + wasi.rest.len() - idents.len();
        // A rename of the leaf is not a name of WASI.
        let renamed = at == 0
            && context
                .file
                .names
                .leaves
                .iter()
                .any(|leaf| leaf.rename.as_ref() == Some(ident));
        if let Some(new) = new.get(index).filter(|_| !renamed) {
            let new = rust_name(&ident.to_string(), new);
            if *ident != new {
                edits.push(Edit::replace(context.at(ident.span()), new));
            }
        }
    }
    if let Some(last) = idents.last().filter(|_| has_payload(&to)) {
        let payload = if context.file.index.is_pattern(path) {
            "(_)"
        } else {
            "(None)"
        };
        edits.push(Edit::insert(context.at(last.span()).end, payload));
    }
    if wasi.interface_written {
        let index = idents.len() - wasi.rest.len() - 1;
        let renamed = index == 0
            && context
                .file
                .names
                .leaves
                .iter()
                .any(|leaf| leaf.rename.as_ref() == Some(&idents[0]));
        if !renamed {
            edits.extend(module_edits(
                context,
                &idents,
                index,
                &wasi.interface,
                interface,
            ));
        }
    }
    if wasi.root_written {
        edits.extend(root_edit(context, wasi, idents.first()));
    }
    Some(edits)
}

fn interface_index(path: &[Ident], wasi: &WasiPath, is_glob: bool) -> Option<usize> {
    let _ = is_glob;
    path.len().checked_sub(wasi.rest.len() + 1)
}

fn module_edits(
    context: &RustContext,
    path: &[Ident],
    index: usize,
    old: &str,
    new: &str,
) -> Option<Edit> {
    let (old, new) = (old.split('/').nth(1)?, new.split('/').nth(1)?);
    (old != new).then(|| Edit::replace(context.at(path[index].span()), snake(new)))
}

fn root_edit(context: &RustContext, wasi: &WasiPath, first: Option<&Ident>) -> Option<Edit> {
    let first = first.filter(|_| wasi.root == Root::Crate02)?;
    let known = first == "wasi" || first == "wasip2";
    known.then(|| Edit::replace(context.at(first.span()), context.new_crate()))
}

/// The item of 0.3, if it means the same: `wasi:http/types.request.get-method`.
fn target(wasi: &WasiPath) -> Option<String> {
    let full = wasi.full();
    // What bindings add: `Guest`, `export!`.
    let generated = |name: &String| matches!(name.as_str(), "guest" | "export");
    if wasi.rest.is_empty() || wasi.rest.iter().all(generated) {
        let world = format!("{} (world)", wasi.interface);
        let to = moves().target(&wasi.interface).or_else(|| {
            moves()
                .target(&world)
                .map(|to| to.trim_end_matches(" (world)"))
        })?;
        return Some(
            wasi.rest
                .iter()
                .fold(to.to_owned(), |to, part| format!("{to}.{part}")),
        );
    }
    let parts: Vec<_> = wasi.rest.iter().collect();
    // Another rule has written the name of 0.3 already.
    if moves().get(&full).is_none() && exists_0_3(&full) {
        return Some(full.to_owned());
    }
    let entry = moves().get(&full);
    match (parts.as_slice(), entry) {
        (_, Some(entry))
            if parts.len() == 2 && entry.change == Change::Reshaped && is_function(&full) =>
        {
            None
        }
        // Called in the same way; what is different is told by `short-random`.
        ([name], Some(_)) if name.ends_with("-random-bytes") => Some(full.to_owned()),
        (_, Some(entry))
            if parts.len() == 1 && entry.change == Change::Reshaped && is_function(&full) =>
        {
            None
        }
        // A function that is a type's own now: `TcpSocket::create`.
        ([_], Some(_))
            if moves()
                .target(&full)
                .is_some_and(|to| to.matches('.').count() > 1) =>
        {
            None
        }
        (_, Some(_)) => moves().target(&full).map(str::to_owned),
        // `OutgoingResponse::new`: a constructor; other names of types' own: a case, `from_list`, an associated function.
        ([ty, name], None) => {
            let parent = format!("{}.{ty}", wasi.interface);
            let constructor = moves()
                .get(&format!("{parent}.constructor"))
                .filter(|_| name.as_str() == "new");
            if constructor.is_some_and(|entry| entry.change != Change::Kept) {
                return None;
            }
            Some(format!("{}.{name}", moves().target(&parent)?))
        }
        ([name], None) => {
            let (interface, item) = crate::wit::wasi::definition_0_2(&wasi.interface, name);
            let full = format!("{interface}.{item}");
            let to = moves().target(&full)?;
            let here = moves().target(&wasi.interface)?;
            Some(format!("{here}.{}", to.rsplit('.').next()?))
        }
        _ => None,
    }
}

/// Is it a case that has a payload in 0.3? What leads to one had none in 0.2.
fn has_payload(case: &str) -> bool {
    let cases = [
        "wasi:filesystem/types.descriptor-type.other",
        "wasi:sockets/types.error-code.other",
    ];
    cases.contains(&case)
}

fn is_function(name: &str) -> bool {
    crate::rust::signature(name).is_some()
}

/// The new name in the way the old one is written.
fn rust_name(old: &str, new: &str) -> String {
    let upper = old.starts_with(|c: char| c.is_uppercase());
    match upper {
        true if old.contains('_') || old.len() > 1 && old.chars().all(|c| !c.is_lowercase()) => {
            snake(new).to_uppercase()
        }
        true => camel(new),
        false => snake(new),
    }
}
