//! The network, which 0.3 takes for granted and 0.2 wants to be shown.

use crate::bindings::p2::io::poll::Pollable;
use crate::bindings::p2::sockets::instance_network::instance_network;
use crate::bindings::p2::sockets::network::{ErrorCode, Network};
use std::cell::OnceCell;

thread_local! {
    static NETWORK: OnceCell<Network> = const { OnceCell::new() };
}

/// Does something with the network.
pub fn with<R>(what: impl FnOnce(&Network) -> R) -> R {
    NETWORK.with(|network| what(network.get_or_init(instance_network)))
}

/// Finishes what was begun with a `start-` function, where 0.3 has a function that returns at once. No host lets one wait
/// here for long, if at all.
pub fn finish<T>(
    mut finish: impl FnMut() -> Result<T, ErrorCode>,
    subscribe: impl Fn() -> Pollable,
) -> Result<T, ErrorCode> {
    loop {
        match finish() {
            Err(ErrorCode::WouldBlock) => subscribe().block(),
            result => return result,
        }
    }
}

/// Lets go of what the caller has let go of already. Dropping a stream is a message to the task that serves it; an address
/// that such a task still has must be free when the caller asks for it next.
pub fn settle() {
    polyfill_guest::rt::async_support::poll();
}
