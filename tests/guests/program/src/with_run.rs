//! A program that exports `run` itself, since that is async.

use compat_api::clocks::monotonic_clock;
use compat_api::exports::cli::run::Guest;

struct Program;

compat_api::cli::command::export!(Program);

impl Guest for Program {
    async fn run() -> Result<(), ()> {
        monotonic_clock::wait_for(1_000_000).await;
        println!(
            "run, with {:?}",
            std::env::args().skip(1).collect::<Vec<_>>()
        );
        Ok(())
    }
}

fn main() {
    println!("`main` is not to be called");
}
