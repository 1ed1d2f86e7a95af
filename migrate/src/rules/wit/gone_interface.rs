//! Finds imports and exports of interfaces that WASI 0.3 doesn't have.
//!
//! ## Why
//! `wasi:io` is gone: a component uses `async` functions, `stream`s and `future`s, which need no import.
//! `wasi:sockets/instance-network` is gone with the handle it gave.
//!
//! ## Before
//! ```wit
//! world app {
//!   import wasi:io/poll@0.2.0;
//!   import wasi:io/streams@0.2.0;
//!   import wasi:random/random@0.3.2;
//! }
//! ```
//!
//! ## After
//! ```wit
//! world app {
//!   import wasi:random/random@0.3.2;
//! }
//! ```
//!
//! ## Fix
//! Safe: the import is removed. An export, or an import under a name of one's own, is reported: only its author can say what
//! it is to become. A `use` at the top of the file is reported too.

use super::WitContext;
use crate::edit::{Edit, Fix, whole_lines};
use crate::finding::Finding;
use crate::moves::moves;
use crate::wit::{Item, moved};

pub fn check(context: &WitContext, found: &mut Vec<Finding>) {
    for (world, item, path, is_export) in context.externs() {
        if !matches!(
            moved::of_extern(
                context.text,
                context.package,
                context.file,
                world,
                item,
                path
            ),
            Some(None)
        ) {
            continue;
        }
        let Some(interface) = moved::interface_0_2(context.package, context.file, path) else {
            continue;
        };
        let note = moves().get(&interface).map_or("", |entry| &entry.note);
        let finding = Finding::new(
            path.range.clone(),
            format!("`{interface}` is gone in 0.3: {note}"),
        );
        found.push(match is_export {
            true => finding.help(
                "export an interface of your own, with `async` functions, `stream`s and `future`s",
            ),
            false => finding.fix(Fix::safe(vec![Edit::delete(whole_lines(
                context.text,
                item.range.clone(),
            ))])),
        });
    }
    for (_, item) in context.file.items() {
        let Item::Use(used) = item else { continue };
        let Some(interface) = moved::interface_0_2(context.package, context.file, &used.path)
        else {
            continue;
        };
        let finding = Finding::new(
            used.path.range.clone(),
            format!("`{interface}` of WASI 0.2, by a name for the whole file"),
        );
        found.push(finding.help("write the whole path where it is used, then it can be moved"));
    }
}
