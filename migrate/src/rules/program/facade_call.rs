//! Finds calls of functions and methods of the facade `compat_api::p2`, whatever the value is held in.
//!
//! ## Why
//! The types of a whole program are looked at, so that a method of a stream in a struct of another file is found too. This is the work that is left.
//!
//! ## Before
//! ```rust,ignore
//! use compat_api::p2::io::streams::{OutputStream, StreamError};
//!
//! struct Log {
//!     to: Option<OutputStream>,
//! }
//!
//! impl Log {
//!     async fn line(&self, line: &str) -> Result<(), StreamError> {
//!         match &self.to {
//!             Some(to) => to.blocking_write_and_flush(line.as_bytes()).await,
//!             None => Ok(()),
//!         }
//!     }
//! }
//! ```
//!
//! ## After
//! ```rust,ignore
//! use compat_api::p2::io::streams::{OutputStream, StreamError};
//!
//! struct Log {
//!     to: Option<OutputStream>,
//! }
//!
//! impl Log {
//!     async fn line(&self, line: &str) -> Result<(), StreamError> {
//!         match &self.to {
//!             Some(to) => to.blocking_write_and_flush(line.as_bytes()).await,
//!             None => Ok(()),
//!         }
//!     }
//! }
//! ```
//!
//! ## Fix
//! None here. Other rules change what they are sure about; this one reports the rest.

use super::becomes;
use crate::facade::idiom::{Plan, ProgramContext, is_same};
use crate::finding::Finding;

pub fn check(context: &ProgramContext, plan: &mut Plan) {
    for call in context.calls() {
        if is_same(call.item) || !context.is_on_facade(call.file) {
            continue;
        }
        let name = call
            .item
            .rsplit_once('/')
            .map_or(call.item, |(_, name)| name);
        let message = format!("`{name}` is a call of 0.2");
        let finding = Finding::new(call.name.clone(), message);
        plan.find(
            call.file,
            match becomes(call.item) {
                Some(help) => finding.help(help),
                None => finding,
            },
        );
    }
}
