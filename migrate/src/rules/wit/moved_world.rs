//! Finds `include`s of WASI 0.2's worlds.
//!
//! ## Why
//! `wasi:http/proxy` is `wasi:http/service` (a component that also imports the handler it exports is a
//! `wasi:http/middleware`), `wasi:http/imports` and `wasi:io/imports` are gone, the others keep their names.
//!
//! ## Before
//! ```wit
//! world app {
//!   include wasi:http/proxy@0.2.0;
//!   include wasi:cli/imports@0.2.0;
//! }
//! ```
//!
//! ## After
//! ```wit
//! world app {
//!   include wasi:http/service@0.3.2;
//!   include wasi:cli/imports@0.3.2;
//! }
//! ```
//!
//! ## Fix
//! Safe for worlds that have a counterpart, and for `wasi:io/imports`, which goes. Unsafe for `wasi:http/imports`: what of it is
//! needed is imported by name. An `include` with `with` is reported: the names in it have to be looked at.

use super::WitContext;
use crate::edit::{Edit, Fix, whole_lines};
use crate::finding::Finding;
use crate::moves::{TO, moves};
use crate::wit::WorldItem;
use crate::wit::moved::path_edits;

pub fn check(context: &WitContext, found: &mut Vec<Finding>) {
    for world in context.worlds() {
        for item in &world.items {
            let WorldItem::Include(include) = item else {
                continue;
            };
            let Some((from, version)) = context.package.wasi_path(context.file, &include.path)
            else {
                continue;
            };
            if (version.major, version.minor) != (0, 2) {
                continue;
            }
            let name = format!("{from} (world)");
            let Some(entry) = moves().get(&name) else {
                continue;
            };
            let place = include.path.range.clone();
            let target = moves()
                .target(&name)
                .map(|target| target.trim_end_matches(" (world)"));
            found.push(match target {
                Some(to) => {
                    let message = format!("the world `{from}` of WASI 0.2: in 0.3 it is `{to}@{TO}`");
                    let finding = Finding::new(place, message);
                    let finding = match entry.note.as_str() {
                        "" => finding,
                        note => finding.help(note),
                    };
                    match path_edits(&include.path, to) {
                        Some(edits) if include.renamed.is_empty() => finding.fix(Fix::safe(edits)),
                        _ => finding.help("look whether the names in `with` are still there, then change name and version"),
                    }
                }
                None if from == "wasi:http/imports" => {
                    let line = context.text[..include.range.start].rfind('\n').map_or(0, |at| at + 1);
                    let indent: String = context.text[line..].chars().take_while(|c| c.is_whitespace() && *c != '\n').collect();
                    let imports = format!("import wasi:http/types@{TO};\n{indent}import wasi:http/client@{TO};");
                    let edit = Edit::replace(include.path.range.start - "include ".len()..include.range.end, imports);
                    let finding = Finding::new(place, "the world `wasi:http/imports` is gone in 0.3");
                    let finding = finding.help("import what you use of it by name, or include `wasi:http/service` if you export a handler");
                    let plain = include.renamed.is_empty() && context.text[edit.range.clone()].starts_with("include ");
                    if plain { finding.fix(Fix::risky(vec![edit])) } else { finding }
                }
                None => {
                    let edit = Edit::delete(whole_lines(context.text, include.range.clone()));
                    Finding::new(place, format!("the world `{from}` is gone in 0.3: {}", entry.note)).fix(Fix::safe(vec![edit]))
                }
            });
        }
    }
}
