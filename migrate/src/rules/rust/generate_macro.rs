//! Finds worlds and interfaces of WASI 0.2, and of 0.3's release candidates, that are named in `wit_bindgen::generate!`.
//!
//! ## Why
//! The macro reads the WIT beside it: once that is of 0.3, names and versions in the options have to be as well.
//!
//! ## Before
//! ```rust,ignore
//! wit_bindgen::generate!({
//!     path: "wit",
//!     world: "wasi:http/proxy@0.2.3",
//!     with: { "wasi:clocks/wall-clock@0.2.3": generate },
//! });
//! ```
//!
//! ## After
//! ```rust,ignore
//! wit_bindgen::generate!({
//!     path: "wit",
//!     world: "wasi:http/service@0.3.2",
//!     with: { "wasi:clocks/system-clock@0.3.2": generate },
//! });
//! ```
//!
//! ## Fix
//! Safe: it goes with the same change in the WIT. With `--target compat`, unsafe, the macro is `polyfill_guest`'s. WIT that is
//! written into the options (`inline`) is rewritten by the rules for WIT, and as safely as they do it. What is gone is reported.

use super::RustContext;
use crate::edit::{Edit, Fix, Safety};
use crate::engine::{Options, Target, migrate};
use crate::finding::Finding;
use crate::moves::{TO, moves};
use crate::rules::wit::release_candidate::{exists, is_candidate};
use crate::source::Source;
use proc_macro2::{TokenStream, TokenTree};
use std::ops::Range;

pub fn check(context: &RustContext, found: &mut Vec<Finding>) {
    for call in context.file.index.macros() {
        let path = crate::rust::segments(&call.path);
        let is_ours = matches!(
            path.first().map(String::as_str),
            Some("wit_bindgen" | "polyfill_guest")
        );
        if !is_ours || path.last().is_none_or(|last| last != "generate") {
            continue;
        }
        if path[0] == "wit_bindgen" && context.target == Target::Compat {
            let place = context.at(call.path.segments[0].ident.span());
            let finding = Finding::new(
                place.clone(),
                "for hosts of both versions the macro is `polyfill_guest`'s",
            );
            found.push(finding.fix(Fix::risky(vec![Edit::replace(place, "polyfill_guest")])));
        }
        Macros { context, found }.tokens(call.tokens.clone());
    }
}

struct Macros<'a, 'b> {
    context: &'a RustContext<'b>,
    found: &'a mut Vec<Finding>,
}

impl Macros<'_, '_> {
    fn tokens(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Literal(literal) => {
                    let Ok(text) =
                        syn::parse2::<syn::LitStr>(TokenTree::Literal(literal.clone()).into())
                    else {
                        continue;
                    };
                    self.string(&text.value(), self.context.at(literal.span()));
                }
                _ => {}
            }
        }
    }

    fn string(&mut self, text: &str, place: Range<usize>) {
        if text.contains(';') {
            return self.inline(text, place);
        }
        let Some((name, version)) = text.split_once('@') else {
            return;
        };
        let Ok(version) = semver::Version::parse(version) else {
            return;
        };
        let world = format!("{name} (world)");
        let is_0_2 = (version.major, version.minor) == (0, 2)
            && moves().get(name).or_else(|| moves().get(&world)).is_some();
        if is_0_2 {
            let target = moves().target(name).or_else(|| moves().target(&world));
            let finding = Finding::new(place.clone(), format!("`{name}` of WASI 0.2"));
            self.found.push(match target {
                Some(to) => {
                    let new = format!("\"{}@{TO}\"", to.trim_end_matches(" (world)"));
                    finding.fix(Fix::safe(vec![Edit::replace(place, new)]))
                }
                None => finding.help("it is gone in 0.3: take it out"),
            });
        } else if name.starts_with("wasi:") && is_candidate(&version) {
            let finding = Finding::new(
                place.clone(),
                format!(
                    "`{name}@{version}` is a release candidate: no host of the final 0.3 links it"
                ),
            );
            let new = format!("\"{name}@{TO}\"");
            self.found.push(match exists(name) {
                true => finding.fix(Fix::safe(vec![Edit::replace(place, new)])),
                false => finding.help(format!("WASI {TO} has no `{name}`")),
            });
        }
    }

    /// WIT that is written into the options: the rules for WIT look at it.
    fn inline(&mut self, text: &str, place: Range<usize>) {
        let Some(offset) = self.context.text[place.clone()].find(text) else {
            // With escapes the text is not what stands there.
            if text.contains("wasi:") && text.contains("@0.2.") {
                let finding = Finding::new(place, "WIT of WASI 0.2, within the macro");
                self.found
                    .push(finding.help("move it to a `.wit` file, or into a raw string"));
            }
            return;
        };
        let inside = place.start + offset..place.start + offset + text.len();
        let rewritten = |level| {
            let options = Options {
                target: self.context.target,
                ..Options::default()
            };
            let done = migrate(
                Source::new("inline.wit", text).into_iter().collect(),
                &options,
                level,
            );
            let report = done.reports.into_iter().next().unwrap_or_default();
            let text = done.files.into_iter().next().map(|file| file.text);
            (text.unwrap_or_default(), report)
        };
        for level in [Safety::Safe, Safety::Unsafe] {
            let (new, report) = rewritten(level);
            if report.error.is_some() {
                // As for a WIT file that doesn't parse, but it may be no WIT at all.
                return;
            }
            if new != text {
                let finding = Finding::new(place, "WIT that has to change, within the macro");
                let edits = vec![Edit::replace(inside, new)];
                return self.found.push(finding.fix(Fix {
                    safety: level,
                    edits,
                }));
            }
            if level == Safety::Unsafe {
                self.found
                    .extend(report.findings.into_iter().map(|finding| {
                        let range =
                            inside.start + finding.range.start..inside.start + finding.range.end;
                        Finding { range, ..finding }
                    }));
            }
        }
    }
}
