//! `polyfill-host lower`.

use super::{Failure, output};
use crate::lower::{Error, Options, lower, lower_for_js};
use crate::translate::if_native;
use crate::{Artifact, BadInput};
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

/// Makes of a component of the split ABI or of native WASI 0.3, or of a composition, one that any
/// host of WASI 0.2 runs
#[derive(Debug, Args)]
#[command(after_long_help = AFTER_HELP)]
pub(super) struct LowerArgs {
    /// The component's file, `.wasm` or `.wat`
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
    #[arg(long, conflicts_with = "target")]
    until_idle: bool,

    /// Make a component for JavaScript instead, in browsers and Node
    ///
    /// Nothing in it blocks: `jco transpile` makes JavaScript of it that needs no JSPI, and the package in the folder `js` turns its
    /// async functions into `async` functions.
    #[arg(long = "for", value_name = "TARGET", value_enum)]
    target: Option<Target>,
}

/// A host that is no host of WASI 0.2.
#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Target {
    Js,
}

const AFTER_HELP: &str = "\
Examples:
  polyfill-host lower app.wasm -o app-0.2.wasm
  wasmtime serve -S cli app-0.2.wasm
  polyfill-host lower --strip composition.wasm -o small.wasm
  polyfill-host lower --for js app.wasm -o app-js.wasm

The result exports `wasi:http/incoming-handler@0.2.0` for `wasi:http/handler`,
`wasi:cli/run@0.2.0` for `wasi:cli/run`, and each interface of your own under its name, its async
functions as ordinary ones that return when they are done. Where the component also exports one of these
for WASI 0.2 (a command built with a `main` has `wasi:cli/run@0.2.x`), the async one takes its place, and
a note says so. It imports what it needs of WASI 0.2.0,
and what the component imports of your own: async functions as ordinary ones.

The exit status is 2, and nothing is written, if the component cannot be lowered.";

impl LowerArgs {
    pub(super) fn run(self) -> Result<ExitCode, Failure> {
        let mut options = Options::default();
        options.strip = self.strip;
        options.until_idle = self.until_idle;
        let artifact = Artifact::open(&self.component).map_err(BadInput::from)?;
        let artifact = if_native(artifact)?;
        let lowered = match self.target {
            None => lower(&artifact, &options),
            Some(Target::Js) => lower_for_js(&artifact, self.strip),
        };
        let lowered = lowered.map_err(|error| match error {
            Error::Internal { .. } => Failure::Other(error.into()),
            error => Failure::BadInput(error.into()),
        })?;
        for export in &lowered.left_out {
            eprintln!(
                "note: the export `{export}` is left out: the async one of the same name takes its place"
            );
        }
        output::write(&self.output, &lowered.wasm)?;
        Ok(ExitCode::SUCCESS)
    }
}
