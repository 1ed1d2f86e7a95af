//! `wasi:random`.

use crate::Adapter;
use crate::bindings::p2::random as p2;
use crate::bindings::p3::random::{insecure, insecure_seed, random};

/// So many bytes are asked for at once: no host of 0.2 refuses them.
const PIECE: u64 = 64 * 1024;

/// So many are answered at most, as by hosts of 0.3, whatever is asked for.
const MOST: u64 = 64 * 1024 * 1024;

/// So many bytes as are asked for, or `MOST`.
fn bytes(max_len: u64, get: fn(u64) -> Vec<u8>) -> Vec<u8> {
    let mut left = max_len.min(MOST);
    let mut bytes = get(left.min(PIECE));
    left -= bytes.len() as u64;
    bytes.reserve_exact(left as usize);
    while left > 0 {
        let more = get(left.min(PIECE));
        left -= more.len() as u64;
        bytes.extend(more);
    }
    bytes
}

impl random::Guest for Adapter {
    fn get_random_bytes(max_len: u64) -> Vec<u8> {
        bytes(max_len, p2::random::get_random_bytes)
    }

    fn get_random_u64() -> u64 {
        p2::random::get_random_u64()
    }
}

impl insecure::Guest for Adapter {
    fn get_insecure_random_bytes(max_len: u64) -> Vec<u8> {
        bytes(max_len, p2::insecure::get_insecure_random_bytes)
    }

    fn get_insecure_random_u64() -> u64 {
        p2::insecure::get_insecure_random_u64()
    }
}

impl insecure_seed::Guest for Adapter {
    fn get_insecure_seed() -> (u64, u64) {
        p2::insecure_seed::insecure_seed()
    }
}
