//! A WASI 0.2 command: prints its arguments, and what a file has in it if the last one names one.

use wasip2::cli::{environment, stdout};
use wasip2::exports::cli::run::Guest;
use wasip2::filesystem::preopens;
use wasip2::filesystem::types::{DescriptorFlags, OpenFlags, PathFlags};

struct Command;

wasip2::cli::command::export!(Command);

impl Guest for Command {
    fn run() -> Result<(), ()> {
        let arguments = environment::get_arguments();
        let mut text = arguments.join(" ");
        if let (Some((directory, _)), Some(path)) =
            (preopens::get_directories().pop(), arguments.last())
        {
            let file = directory
                .open_at(
                    PathFlags::empty(),
                    path,
                    OpenFlags::empty(),
                    DescriptorFlags::READ,
                )
                .map_err(|_| ())?;
            let (content, _) = file.read(1000, 0).map_err(|_| ())?;
            text = format!("{text}: {}", String::from_utf8_lossy(&content));
        }
        let out = stdout::get_stdout();
        out.blocking_write_and_flush(format!("{text}\n").as_bytes())
            .map_err(|_| ())
    }
}
