//! From stdin to stdout, piece by piece, until either end is gone.

use compat_api::cli::{stdin, stdout};
use compat_api::exports::cli::run::Guest;

struct Cat;

compat_api::cli::command::export!(Cat);

impl Guest for Cat {
    async fn run() -> Result<(), ()> {
        // The stream goes from one to the other; not a byte passes through here.
        let (input, read) = stdin::read_via_stream();
        let written = stdout::write_via_stream(input);
        written.await.map_err(|_| ())?;
        read.await.map_err(|_| ())
    }
}
