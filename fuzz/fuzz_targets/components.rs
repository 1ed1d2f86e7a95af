//! Damaged components, given to `inspect`, `compose` and `lower`: see `tools/tests/mutations.rs`.
//!
//! An input that begins as WebAssembly does is a component as it is; of any other, eight bytes are the seed of some damage.
#![no_main]

#[path = "../../tools/tests/mutation/mod.rs"]
mod mutation;

use libfuzzer_sys::fuzz_target;
use mutation::{Random, corpus, give_to_all, mutate::mutate};
use std::sync::LazyLock;

static WHOLE: LazyLock<Vec<Vec<u8>>> = LazyLock::new(corpus::components);

fuzz_target!(|bytes: &[u8]| {
    let mut seed = [0; 8];
    let len = bytes.len().min(8);
    seed[..len].copy_from_slice(&bytes[..len]);
    let mut random = Random::new(u64::from_le_bytes(seed));
    let from = random.below(WHOLE.len());
    let wasm = if bytes.starts_with(b"\0asm") {
        bytes.to_vec()
    } else {
        mutate(&WHOLE[from], &mut random)
    };
    let other = WHOLE[random.below(WHOLE.len())].clone();
    give_to_all(&wasm, &[other]);
});
