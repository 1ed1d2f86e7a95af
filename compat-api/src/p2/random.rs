//! `wasi:random` of WASI 0.2.

/// `wasi:random/random`: numbers that nobody can guess.
#[expect(clippy::module_inception, reason = "as in `wasip2`")]
pub mod random {
    pub use crate::random::random::get_random_u64;

    /// That many random bytes.
    pub fn get_random_bytes(len: u64) -> Vec<u8> {
        super::all(len, crate::random::random::get_random_bytes)
    }
}

/// `wasi:random/insecure`: numbers that look random.
pub mod insecure {
    pub use crate::random::insecure::get_insecure_random_u64;

    /// That many bytes.
    pub fn get_insecure_random_bytes(len: u64) -> Vec<u8> {
        super::all(len, crate::random::insecure::get_insecure_random_bytes)
    }
}

/// `wasi:random/insecure-seed`: a seed for hash tables.
pub mod insecure_seed {
    /// The seed.
    pub fn insecure_seed() -> (u64, u64) {
        crate::random::insecure_seed::get_insecure_seed()
    }
}

/// 0.3 may give fewer bytes than it is asked for.
fn all(len: u64, some: fn(u64) -> Vec<u8>) -> Vec<u8> {
    let mut bytes = Vec::new();
    while (bytes.len() as u64) < len {
        bytes.append(&mut some(len - bytes.len() as u64));
    }
    bytes
}
