//! Finds imports of WASI 0.2 in JavaScript and TypeScript guests, and the names and calls that are not the same in 0.3.
//!
//! ## Why
//! A guest imports an interface by its name and version: `wasi:cli/stdout@0.2.3`. In 0.3 `wasi:io` is gone, functions that waited return
//! promises, and bytes are read from a stream. ComponentizeJS builds components of 0.2 only, as of December 2026. jco runs those of 0.3.
//!
//! ## Before
//! ```js
//! import { getStdout } from "wasi:cli/stdout@0.2.3";
//!
//! getStdout().blockingWriteAndFlush(new TextEncoder().encode("hello"));
//! ```
//!
//! ## After
//! ```js
//! import { getStdout } from "wasi:cli/stdout@0.2.3";
//!
//! getStdout().blockingWriteAndFlush(new TextEncoder().encode("hello"));
//! ```
//!
//! ## Fix
//! None: JavaScript is not rewritten. The finding says what the item is in 0.3.

use super::ScriptContext;
use crate::finding::Finding;

pub fn check(context: &ScriptContext, found: &mut Vec<Finding>) {
    if !context.language.is_python() {
        super::each(context, super::binding, found);
    }
}
