//! Finds functions of one's own WIT that say by their name that they wait: `blocking-x`, `wait-for-x`.
//!
//! ## Why
//! In 0.3 a function that waits is an `async func`: other tasks of the component go on meanwhile, and a sync export that waits traps.
//!
//! ## Before
//! ```wit
//! interface queue {
//!   blocking-receive: func() -> result<string, u32>;
//!   wait-for-space: func(bytes: u64);
//! }
//! ```
//!
//! ## After
//! ```wit
//! interface queue {
//!   receive: async func() -> result<string, u32>;
//!   wait-for-space: async func(bytes: u64);
//! }
//! ```
//!
//! ## Fix
//! Unsafe, since the interface changes: the function becomes async, and `blocking-` goes from its name if the name is free.

use super::WitContext;
use crate::edit::{Edit, Fix};
use crate::finding::Finding;

pub fn check(context: &WitContext, found: &mut Vec<Finding>) {
    for scope in context.scopes {
        let funcs = scope.all_funcs();
        for (resource, func) in &funcs {
            let name = &func.name.text;
            let bare = name.strip_prefix("blocking-");
            let waits =
                bare.is_some() || name == "block" || name.starts_with("wait-") || name == "wait";
            if !waits || func.is_async.is_some() || func.is_constructor {
                continue;
            }
            let mut edits = vec![Edit::insert(func.keyword.start, "async ")];
            let siblings = funcs
                .iter()
                .filter(|(of, _)| of.map(|ty| &ty.name) == resource.map(|ty| &ty.name));
            let mut names = siblings.map(|(_, func)| &func.name.text);
            if let Some(bare) =
                bare.filter(|bare| crate::wit::is_name(bare) && !names.any(|name| name == bare))
            {
                edits.push(Edit::replace(func.name.range.clone(), bare));
            }
            let finding = Finding::new(
                func.name.range.clone(),
                format!("`{name}` waits: in 0.3 that is an `async func`"),
            );
            found.push(finding.fix(Fix::risky(edits)));
        }
    }
}
