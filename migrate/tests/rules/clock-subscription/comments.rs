use wasi::clocks::monotonic_clock;

async fn f() {
    // subscribe_duration(5).block();
    monotonic_clock::subscribe_duration(/* long */ 5 /* ns */) /* then */ . /* wait */ block(); // done
}
