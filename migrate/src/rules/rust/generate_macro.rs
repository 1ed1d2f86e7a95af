//! Finds worlds and interfaces of WASI 0.2 that are named in `wit_bindgen::generate!`.
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
//! Safe: it goes with the same change in the WIT. With `--target compat`, unsafe, the macro is `polyfill_guest`'s. What is gone, and WIT that is written into
//! the options (`inline`), is reported.

use super::RustContext;
use crate::edit::{Edit, Fix};
use crate::engine::Target;
use crate::finding::Finding;
use crate::moves::{TO, moves};
use proc_macro2::{TokenStream, TokenTree};
use syn::visit::Visit;

pub fn check(context: &RustContext, found: &mut Vec<Finding>) {
    Macros { context, found }.visit_file(&context.file.syntax);
}

struct Macros<'a, 'b> {
    context: &'a RustContext<'b>,
    found: &'a mut Vec<Finding>,
}

impl<'ast> Visit<'ast> for Macros<'_, '_> {
    fn visit_macro(&mut self, found: &'ast syn::Macro) {
        let path = crate::rust::segments(&found.path);
        let is_ours = matches!(
            path.first().map(String::as_str),
            Some("wit_bindgen" | "polyfill_guest")
        );
        if !is_ours || path.last().is_none_or(|last| last != "generate") {
            return;
        }
        if path[0] == "wit_bindgen" && self.context.target == Target::Compat {
            let place = self.context.at(found.path.segments[0].ident.span());
            let finding = Finding::new(
                place.clone(),
                "for hosts of both versions the macro is `polyfill_guest`'s",
            );
            self.found
                .push(finding.fix(Fix::risky(vec![Edit::replace(place, "polyfill_guest")])));
        }
        self.tokens(found.tokens.clone());
    }
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

    fn string(&mut self, text: &str, place: std::ops::Range<usize>) {
        if text.contains("wasi:") && text.contains("@0.2.") && text.contains(';') {
            let finding = Finding::new(place, "WIT of WASI 0.2, within the macro");
            return self.found.push(finding.help("move it to a `.wit` file, or change it as `isyswasfa-migrate rewrite - --stdin-filename a.wit` does"));
        }
        let Some((name, version)) = text.split_once('@') else {
            return;
        };
        let Ok(version) = semver::Version::parse(version) else {
            return;
        };
        let world = format!("{name} (world)");
        if (version.major, version.minor) != (0, 2)
            || moves().get(name).or_else(|| moves().get(&world)).is_none()
        {
            return;
        }
        let target = moves().target(name).or_else(|| moves().target(&world));
        let finding = Finding::new(place.clone(), format!("`{name}` of WASI 0.2"));
        self.found.push(match target {
            Some(to) => {
                let new = format!("\"{}@{TO}\"", to.trim_end_matches(" (world)"));
                finding.fix(Fix::safe(vec![Edit::replace(place, new)]))
            }
            None => finding.help("it is gone in 0.3: take it out"),
        });
    }
}
