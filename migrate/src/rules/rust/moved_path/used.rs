//! The move of a `use` of WASI 0.2, with the mentions of the names that it brings in.

use super::super::RustContext;
use super::mentions;
use super::target::{rust_name, target};
use super::written::{module_edits, root_edit, written};
use crate::edit::{Edit, Fix, apply};
use crate::moves::moves;
use crate::rust::{Leaf, WasiPath};
use std::ops::Range;
use syn::Ident;

/// The edits of a `use` of 0.2 and of the mentions of its names. Or why it can't move.
pub fn used(context: &RustContext, leaves: &[(&Leaf, &WasiPath)]) -> Result<Vec<Edit>, String> {
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
                .get(wasi.full())
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

/// If one name of a group is left, `{Name}` becomes `Name`.
fn without_braces(context: &RustContext, item: Range<usize>, edits: Vec<Edit>) -> Vec<Edit> {
    let before = &context.text[item.clone()];
    let (inside, mut outside): (Vec<_>, Vec<_>) = edits
        .into_iter()
        .partition(|edit| item.start <= edit.range.start && edit.range.end <= item.end);
    let local = inside.iter().map(|edit| Edit {
        range: edit.range.start - item.start..edit.range.end - item.start,
        text: edit.text.clone(),
    });
    let mut after = apply(before, [&Fix::safe(local.collect())]).text;
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
fn with_comma(text: &str, place: Range<usize>) -> Option<Range<usize>> {
    let rest = &text[place.end..];
    let after = rest.trim_start();
    if let Some(after) = after.strip_prefix(',') {
        let after = after.trim_start();
        return Some(place.start..text.len() - after.len());
    }
    let before = text[..place.start].trim_end();
    // `{IncomingBody}`: the group is only this name, so nothing is left.
    let before = before.strip_suffix(',')?;
    Some(before.len()..place.end)
}

fn interface_index(path: &[Ident], wasi: &WasiPath, is_glob: bool) -> Option<usize> {
    let _ = is_glob;
    path.len().checked_sub(wasi.rest.len() + 1)
}
