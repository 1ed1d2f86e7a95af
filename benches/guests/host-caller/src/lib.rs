//! A component that calls its host.

use bench::calls::host;
use exports::bench::calls::measure_host::Guest;
use std::hint::black_box;

polyfill_guest::generate!({ world: "host-caller", path: "../wit" });

struct HostCaller;

export!(HostCaller);

impl Guest for HostCaller {
    async fn call_host(n: u64) {
        for i in 0..n {
            black_box(host::answer(i as u32).await);
        }
    }
}
