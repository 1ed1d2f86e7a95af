//! A future for pollables of WASI 0.2, for guests that still call 0.2 interfaces directly.
//!
//! ```ignore
//! use polyfill_guest::pollable;
//! // `subscribe-duration` of `wasi:clocks/monotonic-clock@0.2`, from any bindings:
//! pollable!(monotonic_clock::subscribe_duration(1_000_000)).await;
//! ```

use crate::rt::async_support::{Token, mailbox};
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

crate::isyswasfa::core_world::keep_core_world!();

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

/// Ready once the pollable is. See [`pollable!`].
///
/// # Cancellation
///
/// Dropping it drops the pollable.
#[derive(Debug)]
#[must_use = "a future does nothing unless it is awaited"]
pub struct Pollable(State);

#[derive(Debug)]
enum State {
    Idle(u32),
    Waiting { waiting: u32, token: Token },
    Done,
}

impl Pollable {
    /// Takes ownership of a handle.
    ///
    /// # Safety
    ///
    /// It is a handle of `wasi:io/poll`'s `pollable`, and nobody else uses it from now on.
    pub unsafe fn from_handle(handle: u32) -> Pollable {
        Pollable(State::Idle(handle))
    }
}

impl Future for Pollable {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        if let State::Idle(handle) = self.0 {
            let token = Token::new();
            // SAFETY: the handle is ours, and goes to the core.
            let waiting = unsafe { raw::wait_for(mailbox(), token.number(), handle) };
            self.0 = State::Waiting { waiting, token };
        }
        let State::Waiting { token, .. } = &self.0 else {
            panic!("polled after it was ready");
        };
        let poll = token.poll_fired(cx);
        if poll.is_ready() {
            self.end();
        }
        poll
    }
}

impl Pollable {
    fn end(&mut self) {
        match std::mem::replace(&mut self.0, State::Done) {
            // SAFETY: the handles are ours.
            State::Idle(handle) => unsafe { raw::drop_pollable(handle) },
            // SAFETY: as above.
            State::Waiting { waiting, .. } => unsafe { raw::drop_waiting(waiting) },
            State::Done => {}
        }
    }
}

impl Drop for Pollable {
    fn drop(&mut self) {
        self.end();
    }
}

#[cfg(target_family = "wasm")]
mod raw {
    #[link(wasm_import_module = "isyswasfa:core/pollables@0.1.0")]
    unsafe extern "C" {
        #[link_name = "wait-for"]
        pub fn wait_for(mailbox: u64, token: u32, on: u32) -> u32;
        #[link_name = "[resource-drop]waiting"]
        pub fn drop_waiting(handle: u32);
    }

    #[link(wasm_import_module = "wasi:io/poll@0.2.0")]
    unsafe extern "C" {
        #[link_name = "[resource-drop]pollable"]
        pub fn drop_pollable(handle: u32);
    }
}

#[cfg(not(target_family = "wasm"))]
mod raw {
    const MESSAGE: &str = "pollables are there in a component only";

    pub unsafe fn wait_for(_: u64, _: u32, _: u32) -> u32 {
        unreachable!("{MESSAGE}")
    }
    pub unsafe fn drop_waiting(_: u32) {
        unreachable!("{MESSAGE}")
    }
    pub unsafe fn drop_pollable(_: u32) {
        unreachable!("{MESSAGE}")
    }
}
