//! Finds classes of componentize-py guests that implement what a component of WASI 0.2 exports.
//!
//! ## Why
//! A handler of HTTP returns its response in 0.3, and has no `ResponseOutparam`. Both the handler and `run` are async.
//!
//! ## Before
//! ```python
//! from wit_world import exports
//!
//! class Run(exports.Run):
//!     def run(self) -> None:
//!         print("hello")
//! ```
//!
//! ## After
//! ```python
//! from wit_world import exports
//!
//! class Run(exports.Run):
//!     def run(self) -> None:
//!         print("hello")
//! ```
//!
//! ## Fix
//! None: Python is not rewritten. The finding says what the class is in 0.3.

use super::ScriptContext;
use crate::finding::Finding;

pub fn check(context: &ScriptContext, found: &mut Vec<Finding>) {
    if context.language.is_python() {
        super::each(context, super::export, found);
    }
}
