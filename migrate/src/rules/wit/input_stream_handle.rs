//! Finds `input-stream`s in the signatures and types of one's own WIT.
//!
//! ## Why
//! `wasi:io` is gone in 0.3; bytes to be read are a `stream<u8>`. A stream has no errors of its own: that reading failed is told by
//! a `future` beside it, so `result<input-stream, e>` becomes a pair of both.
//!
//! ## Before
//! ```wit
//! interface files {
//!   use wasi:io/streams@0.2.0.{input-stream};
//!
//!   record entry { name: string, content: input-stream }
//!
//!   open: func(name: string) -> result<input-stream, string>;
//!   store: func(name: string, content: borrow<input-stream>);
//! }
//! ```
//!
//! ## After
//! ```wit
//! interface files {
//!   record entry { name: string, content: stream<u8> }
//!
//!   open: func(name: string) -> tuple<stream<u8>, future<result<_, string>>>;
//!   store: func(name: string, content: stream<u8>);
//! }
//! ```
//!
//! ## Fix
//! Unsafe: signatures change, an error on opening is told later (by the future), and a stream that was lent is given away. Where the
//! stream had no error beside it, `wasi:io`'s own is lost: add a `future` if you need it.

use super::WitContext;
use crate::edit::{Edit, Fix};
use crate::finding::Finding;
use crate::wit::{Place, Type, TypeKind};

pub fn check(context: &WitContext, found: &mut Vec<Finding>) {
    for scope in context.scopes {
        let mut done: Vec<Place> = Vec::new();
        let is_input = |ty: &Type| context.is(scope, ty, "wasi:io/streams", "input-stream");
        for (_, func) in scope.all_funcs() {
            let Some(result) = &func.result else { continue };
            if let TypeKind::Result(Some(ok), Some(error)) = &result.kind
                && is_input(ok)
            {
                let stream = spelled(context, ok);
                let new = format!(
                    "tuple<{stream}, future<result<_, {}>>>",
                    &context.text[error.range.clone()]
                );
                let message = format!(
                    "`{}` answers an `input-stream` or an error: in 0.3 a stream, and a future that tells how it ended",
                    func.name.text
                );
                done.push(result.range.clone());
                found.push(
                    Finding::new(result.range.clone(), message)
                        .fix(Fix::risky(vec![Edit::replace(result.range.clone(), new)])),
                );
            }
        }
        scope.each_type(&mut |ty, _| {
            let inside = done
                .iter()
                .any(|range| range.start <= ty.range.start && ty.range.end <= range.end);
            if inside || !is_input(ty) {
                return;
            }
            let new = spelled(context, ty);
            done.push(ty.range.clone());
            // An alias keeps its name; what it stands for changes where it is defined.
            if new != context.text[ty.range.clone()] {
                let finding = Finding::new(
                    ty.range.clone(),
                    "an `input-stream` is a `stream<u8>` in 0.3",
                );
                found.push(finding.fix(Fix::risky(vec![Edit::replace(ty.range.clone(), new)])));
            }
        });
    }
}

fn spelled(context: &WitContext, ty: &Type) -> String {
    let name = match &ty.kind {
        TypeKind::Own(ty) | TypeKind::Borrow(ty) => ty.name(),
        _ => ty.name(),
    };
    let aliases = context.scopes.iter().flat_map(|scope| &scope.types);
    let mut alias = aliases
        .filter(|alias| Some(alias.name.text.as_str()) == name)
        .map(|alias| alias.name.text.clone());
    alias.next_back().unwrap_or_else(|| "stream<u8>".to_owned())
}
