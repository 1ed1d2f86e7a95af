//! The program `isyswasfa-migrate`. Exit 0: nothing found; 1: something found; 2: could not look.

mod cli;

use clap::Parser;
use std::process::ExitCode;

/// Syntax trees are many small pieces, made and dropped on all threads.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    let arguments = cli::Arguments::parse();
    match cli::run(arguments) {
        Ok(code) => code,
        Err(error) if cli::is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            anstream::eprintln!("{}error{:#}: {error}", cli::ERROR, cli::ERROR);
            for cause in error.chain().skip(1) {
                anstream::eprintln!("  {cause}");
            }
            ExitCode::from(2)
        }
    }
}
