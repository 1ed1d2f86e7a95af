//! The core of the split ABI, `isyswasfa:core`, as plain state machines: components and their events, tasks, and pipes (what
//! streams and futures become).
//!
//! There are two cores that guests import, and each is a thin shell around this crate: `polyfill-host` on wasmtime, and
//! `lower/core`, a WebAssembly module in lowered components. The guest runtime `polyfill-guest` shares the pipes, the
//! [event word](Word) and the layouts. The crate does no I/O, starts no thread, and knows no executor.
//!
//! | module | what it is |
//! | --- | --- |
//! | [`Machine`] | `isyswasfa:core/tasks`: components, functions and tasks together |
//! | [`Policy`] | what differs between shells: limits, secrets, errors, calls of the host's own |
//! | [`Fault`] | a mistake of a guest's, for which it traps |
//! | [`Pipe`], [`Ends`] | a stream or future; the same with its two handles |
//! | [`Pollables`] | the pollables of WASI 0.2 that guests await |
//! | [`Word`], [`Next`] | what `next-event` answers, packed and taken apart |
//! | [`Made`], [`List`], [`Answer`], [`Status`] | results in the layout of the canonical ABI |
//!
//! # A new function of `isyswasfa:core/tasks`
//!
//! It is edited in four places:
//!
//! 1. `wit/core/core.wit`: the function.
//! 2. `core/src/machine.rs`: what it does, as a method of [`Machine`]; and `core/src/scenarios.rs`, where every core is tested.
//! 3. `polyfill-host/src/core/link.rs`: the host's definition, which calls the method. A test compares all of them with the WIT.
//! 4. `lower/core/src/exports.rs`: the lowered core's export, which calls the method.
//!
//! If guests are to call it, `polyfill-guest` imports it in `cabi.rs`.
//!
//! # Pipes
//!
//! Nothing is buffered between the two ends of a [`Pipe`]: a write stands as an *offer* until a reader takes from it, a
//! read stands as a *demand* until a writer gives to it. Whoever comes second moves the items and
//! completes at once; the one who waited is told through its *waiter* and collects the outcome.
//! The rules are those of the Canonical ABI's `stream.read`, `stream.write`, their cancellation and
//! the dropping of ends; a future is a pipe of one item.
//!
//! ```
//! use isyswasfa_core::{Outcome, Pipe};
//! use std::collections::VecDeque;
//!
//! let mut pipe = Pipe::<VecDeque<u8>, &str>::default();
//! // The reader comes first and waits ...
//! let (outcome, wake) = pipe.read(3, "reader");
//! assert_eq!((outcome, wake), (Outcome::Blocked, None));
//! // ... the writer gives what the reader can take and completes ...
//! let (outcome, wake) = pipe.write([1, 2, 3, 4].into(), "writer");
//! assert_eq!((outcome, wake), (Outcome::Ready(3), Some("reader")));
//! // ... and the reader, woken, reads again and finds it.
//! assert_eq!(pipe.read(3, "reader").0, Outcome::Ready([1, 2, 3].into()));
//! ```

#![no_std]

extern crate alloc;

mod components;
mod ends;
pub mod escape;
mod event;
mod fault;
mod functions;
mod items;
mod layout;
mod machine;
mod pipe;
mod policy;
mod pollables;
mod report;
#[cfg(any(test, feature = "testing"))]
pub mod scenarios;
mod status;
mod tasks;
mod waiter;

pub use components::{ComponentIndex, SPINS};
pub use ends::{Dropped, Ends};
pub use event::{Event, KIND_SHIFT, NOTHING, Next, TOKEN, VALUE_MASK, Word, answer, take_apart};
pub use fault::{Fault, Refusal};
pub use items::{Items, Units};
pub use layout::{Answer, List, Made};
pub use machine::{Cancelled, Machine};
pub use pipe::{Outcome, Pipe};
pub use policy::{Kind, Policy, Step};
pub use pollables::Pollables;
pub use status::Status;
pub use waiter::Waiter;
