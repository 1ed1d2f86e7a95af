//! Calls that are held back.

use crate::state::state;
use crate::{run, trap};
use alloc::collections::VecDeque;

pub struct Backpressure {
    level: u16,
    /// Tasks that have not begun, in the order in which they came.
    pub held: VecDeque<u32>,
}

impl Backpressure {
    pub const fn new() -> Self {
        Backpressure {
            level: 0,
            held: VecDeque::new(),
        }
    }

    /// Whether a new call must wait.
    pub fn holds(&self) -> bool {
        self.level > 0 || !self.held.is_empty()
    }

    /// The next call that may begin.
    pub fn next(&mut self) -> Option<u32> {
        match self.level {
            0 => self.held.pop_front(),
            _ => None,
        }
    }
}

#[unsafe(export_name = "backpressure-inc")]
extern "C" fn inc() {
    let backpressure = &mut state().backpressure;
    match backpressure.level.checked_add(1) {
        Some(level) => backpressure.level = level,
        None => trap::backpressure(),
    }
}

#[unsafe(export_name = "backpressure-dec")]
extern "C" fn dec() {
    let backpressure = &mut state().backpressure;
    match backpressure.level.checked_sub(1) {
        Some(level) => backpressure.level = level,
        None => trap::backpressure(),
    }
    if backpressure.level == 0 && !backpressure.held.is_empty() {
        run::announce();
    }
}
