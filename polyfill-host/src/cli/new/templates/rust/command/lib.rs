//! Greets everybody who is named.

use compat_api::clocks::monotonic_clock;
use compat_api::exports::cli::run::Guest;

struct Command;

compat_api::cli::command::export!(Command);

impl Guest for Command {
    async fn run() -> Result<(), ()> {
        for name in std::env::args().skip(1) {
            monotonic_clock::wait_for(10_000_000).await; // nanoseconds
            println!("Hello, {name}!");
        }
        Ok(())
    }
}
