//! Finds paths into the facade `compat_api::p2`: what they name is still the API of 0.2.
//!
//! ## Why
//! The facade is for code on its way. Each item of it is one of 0.3 too, or becomes another one. When no path is left, the feature `p2` can go.
//!
//! ## Before
//! ```rust,ignore
//! use compat_api::p2::http::types::{ErrorCode, Fields, Method};
//! use compat_api::p2::sockets::network::IpAddressFamily;
//!
//! pub struct Call {
//!     pub headers: Fields,
//!     pub method: Method,
//!     pub failed: Option<ErrorCode>,
//!     pub family: IpAddressFamily,
//! }
//!
//! pub fn arguments() -> Vec<String> {
//!     compat_api::p2::cli::environment::get_arguments()
//! }
//! ```
//!
//! ## After
//! ```rust,ignore
//! use compat_api::p2::http::types::Fields;
//! use compat_api::http::types::{ErrorCode, Method};
//! use compat_api::sockets::types::IpAddressFamily;
//!
//! pub struct Call {
//!     pub headers: Fields,
//!     pub method: Method,
//!     pub failed: Option<ErrorCode>,
//!     pub family: IpAddressFamily,
//! }
//!
//! pub fn arguments() -> Vec<String> {
//!     compat_api::cli::environment::get_arguments()
//! }
//! ```
//!
//! ## Fix
//! Safe for what is the same in 0.3: methods, schemes, error codes of HTTP, addresses, flags of files, the environment, clocks. The rest is reported, with what it
//! becomes.

use super::becomes;
use crate::facade::idiom::{Conversion, Plan, ProgramContext, same};
use crate::finding::Finding;

pub fn check(context: &ProgramContext, plan: &mut Plan) {
    plan.move_names();
    for (index, mention) in context.mentions.iter().enumerate() {
        if let Some(new) = same(&mention.item) {
            let message = format!("this is `compat_api::{}` in 0.3", new.join("::"));
            plan.convert(Conversion {
                mention: index,
                finding: Finding::new(mention.range.clone(), message),
                new,
                edits: Vec::new(),
                removed: Vec::new(),
            });
        }
    }
    let calls = context.calls();
    for mention in context.mentions.iter().filter(|mention| mention.is_whole) {
        let is_call = calls
            .iter()
            .any(|call| call.file == mention.file && call.name.start == mention.range.start);
        if same(&mention.item).is_none() && !is_call {
            plan.find(mention.file, found(mention.range.clone(), &mention.item));
        }
    }
    for leaf in context.leaves {
        if same(&leaf.item).is_none() {
            plan.find(leaf.file, found(leaf.range.clone(), &leaf.item));
        }
    }
}

fn found(range: std::ops::Range<usize>, item: &[String]) -> Finding {
    let path = [&["compat_api".to_owned(), "p2".to_owned()], item].concat();
    let message = format!("`{}` is the API of 0.2", path.join("::"));
    let finding = Finding::new(range, message);
    match becomes(&crate::facade::item(item)) {
        Some(help) => finding.help(help),
        None => finding,
    }
}
