//! Finds types of WASI 0.2 that have no counterpart in 0.3, where they are still mentioned.
//!
//! ## Why
//! Bodies, out-parameters, future resources, datagram records, `stream-error`, `wasi:io/error`: what they did is done by
//! `stream`s, `future`s, results and plain values now. As long as one name of a `use` is needed, the whole `use` stays as it is.
//!
//! ## Before
//! ```wit
//! interface bodies {
//!   use wasi:http/types@0.2.0.{incoming-body};
//!
//!   length: func(body: borrow<incoming-body>) -> u64;
//! }
//! ```
//!
//! ## After
//! ```wit
//! interface bodies {
//!   use wasi:http/types@0.2.0.{incoming-body};
//!
//!   length: func(body: borrow<incoming-body>) -> u64;
//! }
//! ```
//!
//! ## Fix
//! None: what is to be passed instead depends on what the function is for. Streams and pollables have rules of their own.

use super::WitContext;
use crate::finding::Finding;
use crate::moves::moves;

pub fn check(context: &WitContext, found: &mut Vec<Finding>) {
    for name in context.stuck() {
        let handled = ["pollable", "input-stream", "output-stream", "network"];
        if (name.interface.starts_with("wasi:io/") || name.item == "network")
            && handled.contains(&name.item.as_str())
        {
            continue;
        }
        let full = format!("{}.{}", name.interface, name.item);
        let finding = Finding::new(
            name.place.clone(),
            format!("`{}` of `{}` is gone in 0.3", name.item, name.interface),
        );
        found.push(finding.help(match moves().get(&full) {
            Some(entry) if full == "wasi:io/error.error" => {
                format!("{}: make a variant of your own", entry.note)
            }
            Some(entry) if !entry.note.is_empty() => entry.note.clone(),
            _ => "it is not known to the table of moves; look it up in WASI 0.3's WIT".to_owned(),
        }));
    }
}
