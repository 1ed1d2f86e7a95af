use wasi::clocks::wall_clock::{self, Datetime};
use wasi::filesystem::types::{Descriptor, ErrorCode};

fn f(file: &Descriptor, base: u64) -> Result<Option<u64>, ErrorCode> {
    let now = wall_clock::now();
    let then = Datetime { seconds: base + 1, nanoseconds: now.nanoseconds };
    println!("{} {}", now.seconds + then.seconds, now.seconds as f64);
    let stat = file.stat()?;
    Ok(stat.data_modification_timestamp.map(|time| now.seconds - time.seconds))
}

fn g(time: &mut Datetime) {
    time.seconds = 5;
    time.seconds += later();
    keep(time.seconds, time.seconds.to_string());
    let _ = Datetime { seconds: time.seconds, nanoseconds: 0 };
}

fn later() -> u64 {
    7
}

fn keep(_: u64, _: String) {}
