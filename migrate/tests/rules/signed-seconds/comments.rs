use wasi::clocks::wall_clock;

fn f() -> u64 {
    // now.seconds
    let now = wall_clock::now(); // .seconds
    now /* all */ .seconds // of it
}
