//! `wasi:random`.

use crate::Adapter;
use crate::bindings::p2::random as p2;
use crate::bindings::p3::random::{insecure, insecure_seed, random};

/// 0.3 allows to answer with fewer bytes than were asked for; no host refuses so many.
const MOST: u64 = 64 * 1024;

impl random::Guest for Adapter {
    fn get_random_bytes(max_len: u64) -> Vec<u8> {
        p2::random::get_random_bytes(max_len.min(MOST))
    }

    fn get_random_u64() -> u64 {
        p2::random::get_random_u64()
    }
}

impl insecure::Guest for Adapter {
    fn get_insecure_random_bytes(max_len: u64) -> Vec<u8> {
        p2::insecure::get_insecure_random_bytes(max_len.min(MOST))
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
