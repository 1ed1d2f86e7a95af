//! Finds sync functions of one's own that a component of WASI 0.2 exports.
//!
//! ## Why
//! On 0.2 such a function could wait: it called `poll`, or a blocking read. On 0.3 a sync export that waits before it has
//! returned traps. If it waits for anything (a request, a timer, a stream), it must be an `async func`; the callers then await it.
//!
//! ## Before
//! ```wit
//! interface orders {
//!   place: func(item: string) -> result<u64, string>;
//! }
//!
//! world shop {
//!   import wasi:http/outgoing-handler@0.2.0;
//!   export orders;
//! }
//! ```
//!
//! ## After
//! ```wit
//! interface orders {
//!   place: func(item: string) -> result<u64, string>;
//! }
//!
//! world shop {
//!   import wasi:http/client@0.3.2;
//!   export orders;
//! }
//! ```
//!
//! ## Fix
//! None: which functions wait is known to their author. Once the world has moved to 0.3 the rule is silent: the decision was made.

use super::WitContext;
use crate::finding::Finding;
use crate::wit::{ExternKind, Place, WorldItem, moved};

pub fn check(context: &WitContext, found: &mut Vec<Finding>) {
    for world in context.worlds() {
        let waits = [
            "wasi:io",
            "wasi:http",
            "wasi:sockets",
            "wasi:filesystem",
            "wasi:cli",
            "wasi:clocks",
        ];
        let old = world.items.iter().any(|item| {
            let path = match item {
                WorldItem::Import(item) => match &item.kind {
                    ExternKind::Path(path) => path,
                    _ => return false,
                },
                WorldItem::Include(include) => &include.path,
                _ => return false,
            };
            moved::interface_0_2(context.package, context.file, path)
                .is_some_and(|name| waits.iter().any(|package| name.starts_with(package)))
        });
        if !old {
            continue;
        }
        for item in &world.items {
            let WorldItem::Export(item) = item else {
                continue;
            };
            let (place, names) = match &item.kind {
                ExternKind::Path(path) if path.package.is_none() => {
                    (path.range.clone(), sync_functions(context, &path.name.text))
                }
                ExternKind::Func(func) if func.is_async.is_none() => {
                    (func.name.range.clone(), vec![func.name.text.clone()])
                }
                _ => continue,
            };
            report(place, &names, found);
        }
    }
}

fn report(place: Place, names: &[String], found: &mut Vec<Finding>) {
    if names.is_empty() {
        return;
    }
    let names = names
        .iter()
        .map(|name| format!("`{name}`"))
        .collect::<Vec<_>>()
        .join(", ");
    let finding = Finding::new(
        place,
        format!("exported sync functions must not wait in 0.3: {names}"),
    );
    found.push(finding.help("make those that wait for anything an `async func`"));
}

fn sync_functions(context: &WitContext, interface: &str) -> Vec<String> {
    let Some(interface) = context.package.interface(interface) else {
        return Vec::new();
    };
    let functions = interface.all_funcs().into_iter();
    functions
        .filter(|(_, func)| func.is_async.is_none() && !func.is_constructor)
        .map(|(resource, func)| match resource {
            Some(resource) => format!("{}.{}", resource.name.text, func.name.text),
            None => func.name.text.clone(),
        })
        .collect()
}
