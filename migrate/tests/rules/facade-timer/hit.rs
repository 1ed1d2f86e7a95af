use compat_api::p2::clocks::monotonic_clock::{self, subscribe_duration};
use compat_api::p2::io::poll::Pollable;

pub async fn rest(until: u64) {
    subscribe_duration(1_000).block().await;
    compat_api::p2::clocks::monotonic_clock::subscribe_instant(until)
        .block()
        .await;
    let timer: Pollable = subscribe_duration(2_000);
    timer.block().await;
    let later = until + monotonic_clock::now();
    monotonic_clock::subscribe_instant(later).block().await
}

pub fn rest_here() {
    compat_api::wit_bindgen::block_on(subscribe_duration(3_000).block());
}
