use wasi::clocks::wall_clock::Datetime;

struct Span {
    seconds: u64,
}

fn f(span: Span, time: Datetime) -> (u64, u32) {
    println!("{}", time.seconds);
    let _ = Datetime { seconds: 0, nanoseconds: 0 };
    (span.seconds + time.seconds as u64, time.nanoseconds)
}
