use wasip3::clocks::monotonic_clock;

struct Clock;

impl Clock {
    fn pause(&self) {
        monotonic_clock::wait_for(1).await;
    }

    fn again(&self) {
        self.pause();
        Clock::pause(self);
    }
}

fn each(list: &[u64]) {
    list.iter().for_each(|_| plain());
}

fn plain() {
    monotonic_clock::wait_for(1).await;
}

fn down(count: u64) {
    monotonic_clock::wait_for(1).await;
    if count > 0 {
        down(count - 1);
    }
}

fn main() {
    monotonic_clock::wait_for(1).await;
}
