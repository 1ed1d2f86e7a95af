//! Damaged components, and what must hold for every one: `inspect`, `compose`, `translate` and `lower` answer or refuse. None of them panics, and
//! none calls it an internal error.

pub mod corpus;
#[allow(dead_code)]
pub mod mutate;

use isyswasfa_tools::compose::{Part, Plug, compose};
use isyswasfa_tools::inspect::Report;
use isyswasfa_tools::{Artifact, lower, translate};

/// Random numbers, the same for the same seed on every machine.
#[allow(dead_code)] // not every test uses all of this
pub struct Random(u64);

#[allow(dead_code)]
impl Random {
    /// The random numbers of a seed.
    pub fn new(seed: u64) -> Self {
        Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// The next one, below `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        // xorshift64*
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let high = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        high as usize % limit.max(1)
    }
}

/// Gives bytes, which may be a component, to everything that reads components.
///
/// # Panics
/// If something panics, or reports an internal error.
#[allow(dead_code)]
pub fn give_to_all(wasm: &[u8], whole: &[Vec<u8>]) {
    let Ok(artifact) = Artifact::new("mutated.wasm", wasm.to_vec()) else {
        return;
    };
    if let Ok(report) = Report::new(&artifact) {
        let _ = report.to_string();
    }
    for other in whole {
        let part = |name: &str, wasm: &[u8]| Part::new(name, wasm.to_vec());
        if let (Ok(mutated), Ok(other)) = (part("mutated.wasm", wasm), part("other.wasm", other)) {
            for (main, plug) in [(mutated.clone(), other.clone()), (other, mutated)] {
                let plug = Plug {
                    part: plug,
                    imports: Vec::new(),
                };
                let _ = compose(main, vec![plug]);
            }
        }
    }
    if let Err(error) = translate::translate(&artifact) {
        assert!(!error.is_internal(), "{error}");
    }
    if let Err(error @ lower::Error::Internal { .. }) =
        lower::lower(&artifact, &lower::Options::default())
    {
        panic!("internal error: {error}");
    }
}
