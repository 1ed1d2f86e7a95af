//! Finds objects of JavaScript and TypeScript guests that implement what a component of WASI 0.2 exports.
//!
//! ## Why
//! A handler of HTTP returns its response in 0.3, and has no `ResponseOutparam`. Both the handler and `run` are async.
//!
//! ## Before
//! ```js
//! import { ResponseOutparam } from "wasi:http/types@0.2.3";
//!
//! export const incomingHandler = {
//!   handle(request, responseOut) {},
//! };
//! ```
//!
//! ## After
//! ```js
//! import { ResponseOutparam } from "wasi:http/types@0.2.3";
//!
//! export const incomingHandler = {
//!   handle(request, responseOut) {},
//! };
//! ```
//!
//! ## Fix
//! None: JavaScript is not rewritten. The finding says what the object is in 0.3.

use super::ScriptContext;
use crate::finding::Finding;

pub fn check(context: &ScriptContext, found: &mut Vec<Finding>) {
    if !context.language.is_python() {
        super::each(context, super::export, found);
    }
}
