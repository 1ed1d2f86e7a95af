//! A pipe of the Component Model (a `stream` or a `future`) as a plain state machine.
//!
//! Nothing is buffered between the two ends: a write stands as an *offer* until a reader takes from it, a
//! read stands as a *demand* until a writer gives to it. Whoever comes second moves the items and
//! completes at once; the one who waited is told through its *waiter* and collects the outcome.
//! The rules are those of the Canonical ABI's `stream.read`, `stream.write`, their cancellation and
//! the dropping of ends; a future is a pipe of one item.
//!
//! The machine does no I/O, allocates nothing of its own and knows no executor: host and guest runtime share it.
//!
//! ```
//! use isyswasfa_rendezvous::{Outcome, Pipe};
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

mod items;
mod pipe;

pub use items::{Items, Units};
pub use pipe::{Outcome, Pipe};
