//! A pipe against a model of it: see `core/tests/random.rs`.
#![no_main]

#[path = "../../core/tests/model/mod.rs"]
mod model;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| model::run(&bytes[..bytes.len().min(64)]));
