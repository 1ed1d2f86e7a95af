//! Lanes: rows for slices that overlap. A component has as many as it has tasks at once.

use super::parties::Party;

/// The rows of one component, or of the host.
#[derive(Default)]
pub struct Lanes {
    taken: Vec<bool>,
}

/// The distance between the first rows of two components.
const WIDTH: u64 = 10_000;

/// The last lane, which is never taken.
pub const LAST: u64 = WIDTH - 1;

impl Lanes {
    /// Takes the first free lane, and returns whether it is new. (If there are too many, the last but one is shared.)
    pub fn take(&mut self) -> (u64, bool) {
        let free = self.taken.iter().position(|taken| !taken);
        let lane = free.unwrap_or(self.taken.len()).min(LAST as usize - 1);
        let is_new = lane == self.taken.len();
        if is_new {
            self.taken.push(true);
        } else {
            self.taken[lane] = true;
        }
        (lane as u64, is_new)
    }

    pub fn free(&mut self, lane: u64) {
        self.taken[lane as usize] = false;
    }
}

/// The row of a party's lane.
pub fn row(party: Party, lane: u64) -> u64 {
    party as u64 * WIDTH + lane
}
