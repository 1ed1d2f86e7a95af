//! Finds code for the experiment of 2024: `isyswasfa_guest`, `isyswasfa: "-suffix"` in `generate!`, and its pipes.
//!
//! ## Why
//! That experiment needed forks of wit-bindgen and of the hosts. What it tried is 0.3's own now: async functions, streams, tasks.
//!
//! ## Before
//! ```rust,ignore
//! wit_bindgen::generate!({
//!     path: "wit",
//!     world: "proxy",
//!     isyswasfa: "-echo",
//! });
//!
//! fn echo() -> wasi::io::streams::InputStream {
//!     let (tx, rx) = isyswasfa::io::pipe::make_pipe();
//!     isyswasfa_guest::spawn(async move {
//!         drop(tx);
//!     });
//!     rx
//! }
//! ```
//!
//! ## After
//! ```rust,ignore
//! wit_bindgen::generate!({
//!     path: "wit",
//!     world: "proxy",
//! });
//!
//! fn echo() -> wasi::io::streams::InputStream {
//!     let (tx, rx) = crate::wit_stream::new();
//!     wit_bindgen::spawn_local(async move {
//!         drop(tx);
//!     });
//!     rx
//! }
//! ```
//!
//! ## Fix
//! Unsafe for the option, `spawn` and `make_pipe`, whose streams are of another type. Reading and writing is reported: streams have methods for it. With
//! `--target compat` the code goes on to run on hosts of 0.2, as it did.

use super::RustContext;
use crate::edit::{Edit, Fix};
use crate::finding::Finding;
use crate::rust::segments;
use proc_macro2::TokenTree;
use std::ops::Range;

pub fn check(context: &RustContext, found: &mut Vec<Finding>) {
    if !context.text.contains("isyswasfa") {
        return;
    }
    for call in context.file.index.macros() {
        if segments(&call.path)
            .last()
            .is_some_and(|last| last == "generate")
        {
            option(context, call, found);
        }
    }
    for path in context.file.index.paths() {
        let written = segments(path);
        let full = expanded(context, &written);
        let Some((of, name)) = full.split_last().map(|(name, of)| (of, name.as_str())) else {
            continue;
        };
        let experiment = of.first().is_some_and(|first| first == "isyswasfa_guest");
        let pipe = name == "make_pipe" && of.last().is_some_and(|last| last == "pipe");
        if !(experiment || pipe) {
            continue;
        }
        let place = context.file.range(path);
        let finding = Finding::new(place.clone(), format!("`{name}` of the experiment of 2024"));
        let replaced = |new: String| Fix::risky(vec![Edit::replace(place.clone(), new)]);
        found.push(match name {
            "spawn" if experiment => finding.fix(replaced(context.spawn())),
            "make_pipe" => finding.fix(replaced(format!("{}::wit_stream::new", context.support()))),
            "read" => finding.help("`stream.read(Vec::with_capacity(n)).await` answers a `StreamResult` and the bytes"),
            "write_all" => finding.help("`writer.write_all(bytes).await`, on the writable end of a stream"),
            "copy" => finding.help("pass the readable end on, or `while let Some(…) = stream.next().await { writer.write_all(…).await; }`"),
            "stream" => finding.help("it is a stream already: `StreamReader<u8>`"),
            "sink" => finding.help("it is the writable end of a stream: `StreamWriter<u8>`"),
            _ => finding.help("`polyfill_guest` has what `wit_bindgen` has: tasks, streams, futures"),
        });
    }
    for leaf in &context.file.names.leaves {
        let is_experiment =
            |ident: &proc_macro2::Ident| *ident == "isyswasfa_guest" || *ident == "isyswasfa";
        if leaf.path.iter().any(is_experiment)
            && leaf
                .local()
                .is_some_and(|local| context.file.mentions(&local) == 0)
        {
            let place = context.at(leaf.item);
            let alone = context.text[place.clone()].contains('{');
            let finding = Finding::new(
                place.clone(),
                "a `use` of the experiment of 2024 that nothing needs",
            );
            found.push(match alone {
                true => finding.help("take it out"),
                false => finding.fix(Fix::risky(vec![Edit::delete(crate::edit::whole_lines(
                    context.text,
                    place,
                ))])),
            });
        }
    }
}

/// The path with what its first segment stands for.
fn expanded(context: &RustContext, path: &[String]) -> Vec<String> {
    let leaf = context
        .file
        .names
        .leaves
        .iter()
        .find(|leaf| leaf.local().as_ref() == path.first());
    match leaf {
        Some(leaf) => leaf
            .path
            .iter()
            .map(ToString::to_string)
            .chain(path[1..].iter().cloned())
            .collect(),
        None => path.to_vec(),
    }
}

/// `isyswasfa: "-suffix",` among the options of the macro.
fn option(context: &RustContext, call: &syn::Macro, found: &mut Vec<Finding>) {
    let mut tokens: Vec<TokenTree> = call.tokens.clone().into_iter().collect();
    if let [TokenTree::Group(group)] = tokens.as_slice() {
        tokens = group.stream().into_iter().collect();
    }
    let Some(at) = tokens
        .iter()
        .position(|token| matches!(token, TokenTree::Ident(ident) if *ident == "isyswasfa"))
    else {
        return;
    };
    let end = tokens[at..]
        .iter()
        .position(|token| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ','));
    let last = &tokens[end.map_or(tokens.len() - 1, |end| at + end)];
    let place: Range<usize> = context.at(tokens[at].span()).start..context.at(last.span()).end;
    let finding = Finding::new(place.clone(), "an option of the experiment of 2024");
    let edit = Edit::delete(crate::edit::whole_lines(context.text, place));
    found.push(finding.fix(Fix::risky(vec![edit])));
}
