//! The split of random WIT packages: see `wit/tests/random.rs`.
#![no_main]

#[path = "../../wit/tests/harness/mod.rs"]
mod harness;

use harness::packages;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Some(resolve) = packages::package(bytes, false) else {
        return;
    };
    for (world, _) in resolve.worlds.iter() {
        if let Err(error) = packages::check(&resolve, world) {
            panic!("{error}");
        }
    }
});
