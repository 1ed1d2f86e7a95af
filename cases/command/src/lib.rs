//! A program for the command line: says hello, or fails if it is told to.

use compat_api::cli::{environment, stdout};
use compat_api::exports::cli::run::Guest;
use compat_api::wit_stream;

struct Command;

compat_api::cli::command::export!(Command);

impl Guest for Command {
    async fn run() -> Result<(), ()> {
        let (mut out, lines) = wit_stream::new();
        let written = stdout::write_via_stream(lines);
        out.write_all(b"hello, command line\n".to_vec()).await;
        drop(out);
        written.await.map_err(|_| ())?;
        if environment::get_arguments()
            .iter()
            .any(|argument| argument == "fail")
        {
            Err(())
        } else {
            Ok(())
        }
    }
}
