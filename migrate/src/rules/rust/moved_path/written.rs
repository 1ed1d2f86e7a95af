//! The move of a written path into WASI 0.2.

use super::super::RustContext;
use super::target::{has_payload, rust_name, target};
use crate::edit::Edit;
use crate::rust::{Root, WasiPath, snake};
use syn::Ident;

/// The edits of a written path. `None` if its item is gone or works differently.
pub fn written(context: &RustContext, path: &syn::Path, wasi: &WasiPath) -> Option<Vec<Edit>> {
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
    // A value that is given one is already of 0.3, whatever the path leads to so far.
    let is_given = |last: &&Ident| context.text[context.at(last.span()).end..].starts_with('(');
    if let Some(last) = idents
        .last()
        .filter(|last| has_payload(&to) && !is_given(last))
    {
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

pub fn module_edits(
    context: &RustContext,
    path: &[Ident],
    index: usize,
    old: &str,
    new: &str,
) -> Option<Edit> {
    let (old, new) = (old.split('/').nth(1)?, new.split('/').nth(1)?);
    (old != new).then(|| Edit::replace(context.at(path[index].span()), snake(new)))
}

pub fn root_edit(context: &RustContext, wasi: &WasiPath, first: Option<&Ident>) -> Option<Edit> {
    let first = first.filter(|_| wasi.root == Root::Crate02)?;
    let known = first == "wasi" || first == "wasip2";
    known.then(|| Edit::replace(context.at(first.span()), context.new_crate()))
}
