//! `polyfill-host lower`.

use super::Failure;
use clap::Args;
use polyfill_host::BadInput;
use polyfill_host::lower::{LowerError, LowerOptions, lower};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Makes of a component of the split ABI, or of a composition of such, one that any host of WASI
/// 0.2 runs
#[derive(Debug, Args)]
#[command(after_long_help = AFTER_HELP)]
pub(super) struct LowerArgs {
    /// The component's file
    component: PathBuf,

    /// Where the lowered component is written to
    #[arg(short, long, value_name = "OUT.WASM")]
    output: PathBuf,

    /// Leave out the names of functions, which backtraces show
    #[arg(long)]
    strip: bool,

    /// Let `wasi:cli/run` return only when nothing is under way any more
    ///
    /// Without it, what the component has spawned ends when `run` returns, as with wasmtime.
    #[arg(long)]
    until_idle: bool,
}

const AFTER_HELP: &str = "\
Examples:
  polyfill-host lower app.wasm -o app-0.2.wasm
  wasmtime serve -S cli app-0.2.wasm
  polyfill-host lower --strip composition.wasm -o small.wasm

The result exports `wasi:http/incoming-handler@0.2.0` for `wasi:http/handler`,
`wasi:cli/run@0.2.0` for `wasi:cli/run`, and each interface of your own under its name, its async
functions as ordinary ones that return when they are done. It imports what it needs of WASI 0.2.0,
and what the component imports of your own: async functions as ordinary ones.

The exit status is 2, and nothing is written, if the component cannot be lowered.";

impl LowerArgs {
    pub(super) fn run(self) -> Result<ExitCode, Failure> {
        let path = &self.component;
        let wasm = fs::read(path).map_err(|error| unreadable(path, &error))?;
        let options = LowerOptions {
            strip: self.strip,
            until_idle: self.until_idle,
        };
        let lowered = lower(path, &wasm, &options).map_err(|error| match error {
            LowerError::BadInput(error) => Failure::BadInput(error),
            LowerError::Other(error) => {
                Failure::Other(error.context(format!("failed to lower `{}`", path.display())))
            }
        })?;
        write(&self.output, &lowered)?;
        Ok(ExitCode::SUCCESS)
    }
}

fn unreadable(path: &Path, error: &io::Error) -> BadInput {
    let file = path.display();
    match error.kind() {
        io::ErrorKind::NotFound => BadInput::new(format!("there is no file `{file}`")),
        _ => BadInput::new(format!("failed to read `{file}`: {error}")),
    }
}

/// Whole or not at all: whoever serves the file may be watching it.
fn write(path: &Path, bytes: &[u8]) -> Result<(), BadInput> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}", std::process::id()));
    let partial = path.with_file_name(name);
    let written = fs::write(&partial, bytes).and_then(|()| fs::rename(&partial, path));
    written.map_err(|error| {
        // What is there of it is of no use, and may not be there at all.
        let _ = fs::remove_file(&partial);
        BadInput::new(format!("failed to write `{}`: {error}", path.display()))
            .help("name a file in a folder that exists and can be written to")
    })
}
