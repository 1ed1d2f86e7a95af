//! The program `polyfill-host`.

use std::process::ExitCode;

fn main() -> ExitCode {
    polyfill_host::cli::run()
}
