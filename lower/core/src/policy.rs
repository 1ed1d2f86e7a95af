//! What the lowered core brings to the state machine: no limits, no secrets, and a trap for every mistake.

use crate::trap::{Trapped, say};
use isyswasfa_core::Policy;
use std::convert::Infallible;

/// The lowered core calls no guest and does no work of its own: that is what a host has.
pub struct Lowered;

impl Policy for Lowered {
    type Error = Trapped;
    type Call = Infallible;
    type Work = Infallible;
    type Output = Infallible;

    /// A mix of the seed, not a secret: a module that imports nothing to be surprised by has none. It catches mistakes; that one
    /// guest cannot impersonate another, as in the host, is not promised for guests that were lowered together.
    fn secret(&mut self, seed: u64) -> u64 {
        let mut mixed = seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb)
    }

    fn call_done(&mut self, call: Infallible) {
        match call {}
    }

    fn warn(&mut self, text: &str) {
        say(text);
    }
}
