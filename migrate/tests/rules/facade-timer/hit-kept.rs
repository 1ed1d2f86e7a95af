use compat_api::p2::clocks::monotonic_clock;

/// A method of this name.
pub trait Waits {
    fn wait_for(&self);
}

pub async fn rest() {
    monotonic_clock::subscribe_duration(1).block().await;
    let timer = monotonic_clock::subscribe_duration(2);
    while !timer.ready() {
        timer.block().await;
    }
}
