//! Takes back fixes of Rust that could not compile where they are: what cannot await would, or a name would mean something of the file's own.

use super::RustContext;
use crate::edit::{Edit, Fix};
use crate::finding::Finding;
use crate::moves::moves;
use crate::rust::{File, camel};
use rustc_hash::FxHashSet;
use syn::{Expr, Item};

/// Leaves the findings without such fixes, and says why.
pub fn keep(context: &RustContext, findings: &mut [Finding]) {
    let clash = clash(context.file);
    for finding in findings {
        let Some(fix) = &finding.fix else { continue };
        let reason = match &clash {
            Some(name) => Some(format!(
                "the file has a `{name}` of its own, which is the name in 0.3 too: rename it first, or take the step `rewrite --to facade`"
            )),
            None => waiting(context.file, fix).map(|why| {
                format!("{why}, so that it can't await: the step `rewrite --to facade` puts `block_on` there")
            }),
        };
        if let Some(reason) = reason {
            finding.fix = None;
            finding.help = Some(reason);
        }
    }
}

/// Why what a fix comes to await can't be awaited there.
fn waiting(file: &File, fix: &Fix) -> Option<&'static str> {
    // A task of its own can.
    let has_task = fix
        .edits
        .iter()
        .any(|edit| edit.text.contains("async move"));
    // `.block()` becomes `.await`, without the dot.
    let awaits = |edit: &&Edit| edit.text.contains(".await") || edit.text == "await";
    if has_task {
        return None;
    }
    fix.edits
        .iter()
        .filter(awaits)
        .find_map(|edit| stuck(file, edit.range.start))
}

fn stuck(file: &File, at: usize) -> Option<&'static str> {
    let mut innermost: Option<&Expr> = None;
    let place = at.saturating_sub(1)..at;
    let mut size = usize::MAX;
    for expr in file.index.exprs() {
        let holds = expr.range.start <= at && place.end <= expr.range.end;
        if holds && expr.range.len() < size && (expr.range.start < at || expr.range.end > at) {
            size = expr.range.len();
            innermost = Some(expr.node);
        }
    }
    let deferred = innermost.and_then(|expr| file.index.deferred(expr));
    match deferred {
        Some(Expr::Closure(closure)) if closure.asyncness.is_none() => {
            return Some("a closure calls it");
        }
        Some(_) => return None,
        None => {}
    }
    let Some(function) = file.index.function(&(at..at)) else {
        return Some("it is outside of functions");
    };
    let signature = function.signature;
    if signature.asyncness.is_some() {
        return None;
    }
    if signature.abi.is_some() {
        return Some("an `extern` function calls it");
    }
    if signature.ident == "main" {
        return Some("`main` calls it");
    }
    let held = file
        .syntax
        .items
        .iter()
        .find_map(|item| holder(file, item, at))?;
    let is_guest = file.names.wasi(held).is_some_and(|wasi| wasi.is_export);
    (!is_guest).then_some("a method of a trait calls it")
}

/// The trait of the `impl` that holds these bytes.
fn holder<'a>(file: &File, item: &'a Item, at: usize) -> Option<&'a syn::Path> {
    match item {
        Item::Impl(item) => {
            let range = file.range(item);
            let (path, _) = item.trait_.as_ref()?;
            (range.start <= at && at <= range.end).then_some(path)
        }
        Item::Mod(item) => {
            let (_, items) = item.content.as_ref()?;
            items.iter().find_map(|item| holder(file, item, at))
        }
        _ => None,
    }
}

/// A name of the file's own that a name of WASI would come to have.
fn clash(file: &File) -> Option<String> {
    let mut own: FxHashSet<String> = FxHashSet::default();
    for item in &file.syntax.items {
        let name = match item {
            Item::Enum(item) => &item.ident,
            Item::Struct(item) => &item.ident,
            Item::Trait(item) => &item.ident,
            Item::Type(item) => &item.ident,
            Item::Union(item) => &item.ident,
            _ => continue,
        };
        own.insert(name.to_string());
    }
    let others = file.names.leaves.iter().filter(|leaf| leaf.wasi.is_none());
    own.extend(others.filter_map(|leaf| leaf.local()));
    file.names.leaves.iter().find_map(|leaf| {
        let wasi = leaf.wasi.as_ref().filter(|wasi| !wasi.is_new())?;
        let [old] = wasi.rest.as_slice() else {
            return None;
        };
        let target = moves().target(wasi.full())?;
        let new = target.rsplit('.').next()?;
        let name = camel(new);
        let is_new = new != old && leaf.rename.is_none() && own.contains(&name);
        is_new.then_some(name)
    })
}
