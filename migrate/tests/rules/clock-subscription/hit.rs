use wasi::clocks::monotonic_clock::{self, subscribe_duration};
use wasi::io::poll;

async fn f() {
    subscribe_duration(5).block();
    let a = monotonic_clock::subscribe_instant(7);
    let b = monotonic_clock::subscribe_duration(9);
    poll::poll(&[&a, &b]);
}
