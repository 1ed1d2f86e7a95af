//! `cargo xtask`: the program for all tasks on this repository.

mod bench;
mod corpus;
mod demo;
mod embedded;
mod fuzz;
mod guest;
mod hosts;
mod js;
mod languages;
mod picture;
mod process;
mod project;
mod soak;
mod test;
mod toolchain;
mod tools;

use anyhow::Result;
use clap::Parser;
use std::process::ExitCode;

/// Builds guests, runs the demo, the tests and the benchmarks.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask", version)]
enum Command {
    /// Measure our ABI beside the native one
    Bench(bench::Arguments),
    /// Move checkouts for WASI 0.2 onto the facade, compile them, and print a table of what came of each
    Corpus(corpus::Arguments),
    /// Build a guest and the host, serve the guest, send it requests, and show what happens
    Demo(demo::Arguments),
    /// Build the wasm files that `polyfill-host` embeds: the adapter, and the parts of lowered components
    Embedded(embedded::Arguments),
    /// Run the tests with random inputs on many more inputs
    Fuzz(fuzz::Arguments),
    /// Build guest crates to components
    Guest(guest::Arguments),
    /// Test the package in the folder `js`, in Node and in Chromium
    Js,
    /// Install the tools of other languages, and build the cases in them
    Languages(languages::Arguments),
    /// Follow one request through a composition, for the picture in `docs/one-request.md`
    Picture(picture::Arguments),
    /// Run a server under good and bad clients for a long time, and check that nothing leaks
    Soak(soak::Arguments),
    /// Build every guest, then run all tests
    Test(test::Arguments),
}

fn main() -> ExitCode {
    let done = embedded::rustc::run().unwrap_or_else(|| run(Command::parse()));
    match done {
        Ok(code) => code,
        Err(error) => {
            // `{:#}`: the causes on one line. Advice comes in the message, on lines of its own.
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn run(command: Command) -> Result<ExitCode> {
    match command {
        Command::Bench(arguments) => bench::run(&arguments),
        Command::Corpus(arguments) => corpus::run(&arguments),
        Command::Demo(arguments) => demo::run(&arguments),
        Command::Embedded(arguments) => embedded::run(&arguments),
        Command::Fuzz(arguments) => fuzz::run(&arguments),
        Command::Guest(arguments) => guest::run(&arguments),
        Command::Js => js::run(),
        Command::Languages(arguments) => languages::run(&arguments),
        Command::Picture(arguments) => picture::run(&arguments),
        Command::Soak(arguments) => soak::run(&arguments),
        Command::Test(arguments) => test::run(&arguments),
    }
}
