use wasip3::clocks::monotonic_clock;

fn start() -> impl Future<Output = ()> {
    let later = async || monotonic_clock::wait_for(1).await;
    async move {
        monotonic_clock::wait_for(1).await;
        later().await;
    }
}
