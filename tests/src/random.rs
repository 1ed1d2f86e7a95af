//! Random numbers, the same for the same seed on every machine; and the seeds that a test tries.

use std::env;
use std::ops::Range;

/// Random numbers of a seed.
pub struct Random(u64);

impl Random {
    /// Those of a seed.
    pub fn new(seed: u64) -> Self {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// The next one.
    pub fn bits(&mut self) -> u64 {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// The next one, below `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        (self.bits() >> 33) as usize % limit.max(1)
    }
}

/// The first `count` seeds. `ISYSWASFA_SEEDS=FROM..TO` is others, `ISYSWASFA_FUZZ_TIMES=N` N times as many.
///
/// # Panics
/// If a variable is not written like that.
pub fn seeds(count: u64) -> Range<u64> {
    if let Ok(range) = env::var("ISYSWASFA_SEEDS") {
        let (from, to) = range.split_once("..").expect("`FROM..TO`");
        return from.parse().expect("a number")..to.parse().expect("a number");
    }
    let times =
        env::var("ISYSWASFA_FUZZ_TIMES").map_or(1, |times| times.parse().expect("a number"));
    0..count * times
}
