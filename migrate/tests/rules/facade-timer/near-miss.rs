use compat_api::p2::clocks::monotonic_clock::subscribe_duration;
use compat_api::p2::io::poll::{Pollable, poll};

fn timer() -> Pollable {
    subscribe_duration(1_000)
}

pub async fn rest(other: &Pollable) -> bool {
    let timer = timer();
    let waited = subscribe_duration(5);
    println!("waiting");
    waited.block().await;
    let first = poll(&[&timer, other]).await;
    first.contains(&0)
}
