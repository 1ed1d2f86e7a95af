use wasi::clocks::monotonic_clock;

fn subscribe_duration(length: u64) -> Lock {
    Lock(length + monotonic_clock::now())
}

struct Lock(u64);

impl Lock {
    fn block(&self) {}
}

fn f() {
    subscribe_duration(5).block();
}
