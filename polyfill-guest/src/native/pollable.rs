//! A future for pollables of WASI 0.2, for guests that still call 0.2 interfaces directly.
//!
//! ```ignore
//! use polyfill_guest::pollable;
//! // `subscribe-duration` of `wasi:clocks/monotonic-clock@0.2`, from any bindings:
//! pollable!(monotonic_clock::subscribe_duration(1_000_000)).await;
//! ```
//!
//! WASI 0.3 cannot wait for a pollable without blocking the whole instance. So on this backend it is asked, again and again,
//! whether it is ready, with pauses between: up to 5 ms go by unnoticed. The backend `isyswasfa` waits for it.

use super::wasi::clocks::monotonic_clock;
use super::wasi::io::poll;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

/// A future that is ready once the given pollable is. The pollable is owned and dropped with the future: a stream or socket
/// must outlive its pollables, so drop the future first.
///
/// Takes a value of any type that wit-bindgen has generated for `wasi:io/poll`'s `pollable`.
#[macro_export]
macro_rules! pollable {
    ($pollable:expr) => {{
        let pollable = $pollable;
        // SAFETY: `take_handle` gives the handle away; the type's own destructor does nothing from then on.
        unsafe { $crate::pollable::Pollable::from_handle(pollable.take_handle()) }
    }};
}

pub use crate::pollable;

const FIRST_PAUSE: u64 = 50_000;
const LONGEST_PAUSE: u64 = 5_000_000;

/// Ready once the pollable is. See [`pollable!`].
///
/// # Cancellation
///
/// Dropping it drops the pollable.
#[must_use = "a future does nothing unless it is awaited"]
pub struct Pollable(Option<Asking>);

struct Asking {
    pollable: poll::Pollable,
    pause: Option<Pin<Box<dyn Future<Output = ()>>>>,
    /// In nanoseconds.
    next_pause: u64,
}

impl Pollable {
    /// Takes ownership of a handle.
    ///
    /// # Safety
    ///
    /// It is a handle of `wasi:io/poll`'s `pollable`, and nobody else uses it from now on.
    pub unsafe fn from_handle(handle: u32) -> Pollable {
        Pollable(Some(Asking {
            // SAFETY: by this function's own contract.
            pollable: unsafe { poll::Pollable::from_handle(handle) },
            pause: None,
            next_pause: FIRST_PAUSE,
        }))
    }
}

impl Future for Pollable {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        let asking = self.0.as_mut().expect("not polled after it was ready");
        loop {
            if let Some(pause) = &mut asking.pause {
                if pause.as_mut().poll(cx).is_pending() {
                    return Poll::Pending;
                }
                asking.pause = None;
            }
            if asking.pollable.ready() {
                self.0 = None;
                return Poll::Ready(());
            }
            let pause = asking.next_pause;
            asking.next_pause = (2 * pause).min(LONGEST_PAUSE);
            asking.pause = Some(Box::pin(monotonic_clock::wait_for(pause)));
        }
    }
}

impl std::fmt::Debug for Pollable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let state = self.0.as_ref().map(|asking| &asking.pollable);
        f.debug_tuple("Pollable").field(&state).finish()
    }
}
