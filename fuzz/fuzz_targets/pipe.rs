//! A pipe against a model of it: see `rendezvous/tests/random.rs`.
#![no_main]

#[path = "../../rendezvous/tests/model/mod.rs"]
mod model;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| model::run(&bytes[..bytes.len().min(64)]));
