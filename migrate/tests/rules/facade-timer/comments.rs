use compat_api::p2::clocks::monotonic_clock::subscribe_duration;

pub async fn rest() {
    // A moment.
    subscribe_duration(/* nanoseconds */ 1_000).block().await; // done
    let timer = subscribe_duration(2_000);
    // It may take longer.
    timer.block().await;
    subscribe_duration(3_000)
        // Then:
        .block()
        .await;
}
