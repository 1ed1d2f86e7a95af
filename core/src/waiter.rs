//! Who is told that something may go on.

use crate::ComponentIndex;

/// Who is told that something may go on. `H` names what waits on the host's side, if anything does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waiter<H> {
    /// A guest, which gets the token.
    Guest {
        /// The component's place.
        component: ComponentIndex,
        /// Its own number for what waits.
        token: u32,
    },
    /// The host.
    Host(H),
}
