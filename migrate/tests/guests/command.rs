//! A command-line tool on `wasip2`: arguments, environment, random numbers, waiting.

use wasip2::cli::environment;
use wasip2::clocks::monotonic_clock;
use wasip2::exports::cli::run::Guest;
use wasip2::random::random;

struct Tool;

wasip2::cli::command::export!(Tool);

impl Guest for Tool {
    fn run() -> Result<(), ()> {
        let arguments = environment::get_arguments();
        let count = arguments.get(1).and_then(|text| text.parse().ok()).unwrap_or(3);
        let name = environment::get_environment()
            .into_iter()
            .find(|(key, _)| key == "NAME")
            .map(|(_, value)| value)
            .unwrap_or_else(|| "nobody".to_string());
        println!("in {}: {name}", environment::initial_cwd().unwrap_or_default());
        for round in 0..count {
            println!("{round}: {}", roll(6));
            rest(5);
        }
        println!("clock: {} ns", monotonic_clock::resolution());
        Ok(())
    }
}

fn roll(sides: u64) -> u64 {
    random::get_random_u64() % sides + 1
}

/// Some milliseconds.
fn rest(milliseconds: u64) {
    let pollable = monotonic_clock::subscribe_duration(milliseconds * 1_000_000);
    pollable.block();
}
