//! Finds `pollable`s in the signatures and types of one's own WIT.
//!
//! ## Why
//! A function that returned a `pollable` to wait for is an `async func` in 0.3: its caller awaits the call itself. A resource with
//! `subscribe` and `get` was a hand-written future.
//!
//! ## Before
//! ```wit
//! interface jobs {
//!   use wasi:io/poll@0.2.0.{pollable};
//!
//!   resource job {
//!     subscribe: func() -> pollable;
//!     get: func() -> option<result<u32, string>>;
//!   }
//!
//!   sleep: func(ms: u32) -> pollable;
//! }
//! ```
//!
//! ## After
//! ```wit
//! interface jobs {
//!   resource job {
//!     get: async func() -> result<u32, string>;
//!   }
//!
//!   sleep: async func(ms: u32);
//! }
//! ```
//!
//! ## Fix
//! Unsafe, since signatures change. `subscribe` is removed if there is a `get` that returns an option, or there are pairs of `start-x` and `finish-x`,
//! beside it. Alone it becomes `wait`. Other functions that return a pollable become async. A pollable as a parameter or in a type
//! is reported: the code that waited for it must now call something async.

use super::WitContext;
use crate::edit::{Edit, Fix, whole_lines};
use crate::finding::Finding;
use crate::wit::{Func, Scope, Type, TypeKind};

pub fn check(context: &WitContext, found: &mut Vec<Finding>) {
    let is_pollable = |scope: &Scope, ty: &Type| context.is(scope, ty, "wasi:io/poll", "pollable");
    for scope in context.scopes {
        let funcs = scope.all_funcs();
        for (resource, func) in &funcs {
            let siblings: Vec<&Func> = funcs
                .iter()
                .filter(|(of, other)| {
                    of.map(|ty| &ty.name) == resource.map(|ty| &ty.name)
                        && other.range != func.range
                })
                .map(|(_, func)| *func)
                .collect();
            if let Some(result) = &func.result
                && let Some(rest) = without_pollable(context, result, &|ty| is_pollable(scope, ty))
            {
                found.push(awaited(context, func, &siblings, rest));
            }
            for param in func
                .params
                .iter()
                .filter(|param| contains(&param.ty, &|ty| is_pollable(scope, ty)))
            {
                let finding = Finding::new(
                    param.range.clone(),
                    format!(
                        "the parameter `{}` is a `pollable`, which is gone in 0.3",
                        param.name.text
                    ),
                );
                found.push(finding.help("await what the pollable stood for, or take a `future`"));
            }
        }
        scope.each_type(&mut |ty, func| {
            if func.is_none()
                && is_pollable(scope, ty)
                && !matches!(ty.kind, TypeKind::Own(_) | TypeKind::Borrow(_))
            {
                let finding = Finding::new(
                    ty.range.clone(),
                    "a type with a `pollable`, which is gone in 0.3",
                );
                found.push(finding.help(
                    "a `future<T>` of what one waits for, or an `async func` that answers it",
                ));
            }
        });
        for (_, func) in funcs {
            let elsewhere = func
                .result
                .as_ref()
                .filter(|ty| without_pollable(context, ty, &|ty| is_pollable(scope, ty)).is_none());
            if let Some(ty) = elsewhere.filter(|ty| contains(ty, &|ty| is_pollable(scope, ty))) {
                let finding = Finding::new(
                    ty.range.clone(),
                    "the result has a `pollable`, which is gone in 0.3",
                );
                found.push(finding.help("make it an `async func` that answers what one waits for"));
            }
        }
    }
}

/// The function with its result awaited. `rest`: what is left of the result.
fn awaited(context: &WitContext, func: &Func, siblings: &[&Func], rest: String) -> Finding {
    let name = &func.name.text;
    let finding = Finding::new(
        func.name.range.clone(),
        format!("`{name}` answers a `pollable`, which is gone in 0.3"),
    );
    let named = |name: &str| siblings.iter().find(|other| other.name.text == name);
    let is_subscribe = name == "subscribe" && func.params.is_empty();
    let delete = || Edit::delete(whole_lines(context.text, func.range.clone()));

    let get = is_subscribe
        .then(|| siblings.iter().find(|other| is_get(other)))
        .flatten();
    if let Some((get, ty)) = get.and_then(|get| Some((get, get.result.as_ref()?))) {
        let answer = awaited_type(ty).map_or("", |ty| &context.text[ty.range.clone()]);
        let after = if answer.is_empty() {
            String::new()
        } else {
            format!(" -> {answer}")
        };
        let result = get.params_range.end..ty.range.end;
        let mut edits = vec![delete(), Edit::replace(result, after)];
        if get.is_async.is_none() {
            edits.push(Edit::insert(get.keyword.start, "async "));
        }
        return finding
            .help(format!("await `{}` itself", get.name.text))
            .fix(Fix::risky(edits));
    }
    if is_subscribe
        && siblings.iter().any(|start| {
            start
                .name
                .text
                .strip_prefix("start-")
                .is_some_and(|rest| named(&format!("finish-{rest}")).is_some())
        })
    {
        return finding
            .help("await the functions that `start-…` and `finish-…` become")
            .fix(Fix::risky(vec![delete()]));
    }
    let new = match name.strip_prefix("subscribe") {
        Some("") => "wait".to_owned(),
        Some(rest) if rest.starts_with('-') => format!("wait{rest}"),
        _ => name.clone(),
    };
    let help =
        format!("`{new}: async func`, which returns when the pollable would have been ready");
    if func.is_async.is_some() || new != *name && named(&new).is_some() {
        return finding.help(help);
    }
    let mut edits = vec![Edit::insert(func.keyword.start, "async ")];
    if new != *name {
        edits.push(Edit::replace(func.name.range.clone(), new));
    }
    if let Some(result) = &func.result {
        edits.push(Edit::replace(func.params_range.end..result.range.end, rest));
    }
    finding.help(help).fix(Fix::risky(edits))
}

/// What to write after the parameters if the result is a pollable, or a `result` of one.
fn without_pollable(
    context: &WitContext,
    ty: &Type,
    is_pollable: &dyn Fn(&Type) -> bool,
) -> Option<String> {
    match &ty.kind {
        _ if is_pollable(ty) => Some(String::new()),
        TypeKind::Result(Some(ok), err) if is_pollable(ok) => Some(match err {
            Some(err) => format!(" -> result<_, {}>", &context.text[err.range.clone()]),
            None => " -> result".to_owned(),
        }),
        _ => None,
    }
}

/// `get: func() -> option<…>`, or the like: what `subscribe` was for.
fn is_get(func: &Func) -> bool {
    let option = func
        .result
        .as_ref()
        .is_some_and(|ty| matches!(ty.kind, TypeKind::Of("option", _)));
    let name = func.name.text.as_str();
    option
        && func.params.is_empty()
        && (matches!(name, "get" | "take" | "result" | "poll" | "try-get")
            || name.starts_with("get-"))
}

/// What is inside of the option, and inside of the `result` around another `result`, which only told that it was taken.
fn awaited_type(ty: &Type) -> Option<&Type> {
    let TypeKind::Of("option", types) = &ty.kind else {
        return Some(ty);
    };
    let inner = types.first()?;
    match &inner.kind {
        TypeKind::Result(Some(ok), None) if matches!(ok.kind, TypeKind::Result(..)) => Some(ok),
        _ => Some(inner),
    }
}

fn contains(ty: &Type, is: &dyn Fn(&Type) -> bool) -> bool {
    let mut found = false;
    ty.walk(&mut |ty| found |= is(ty));
    found
}
