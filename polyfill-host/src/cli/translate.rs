//! `polyfill-host translate`.

use super::{Failure, output};
use crate::translate::translate;
use crate::{Artifact, BadInput};
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

/// Translates a native WASI 0.3 component, whatever made it, to the split ABI, which is valid WASI 0.2
#[derive(Debug, Args)]
#[command(after_long_help = AFTER_HELP)]
pub(super) struct TranslateArgs {
    /// The component's file, `.wasm` or `.wat`
    component: PathBuf,

    /// Where the translated component is written to
    #[arg(short, long, value_name = "OUT.WASM")]
    output: PathBuf,
}

const AFTER_HELP: &str = "\
Examples:
  polyfill-host translate app.wasm -o app-split.wasm
  polyfill-host serve app-split.wasm
  polyfill-host serve --abi split app.wasm
  polyfill-host lower app.wasm -o app-0.2.wasm

The result composes with other components of the split ABI and runs on `polyfill-host`; `lower` makes of it
one that any host of WASI 0.2 runs, and translates by itself what is native.

The exit status is 2, and nothing is written, if the component is no native one or cannot be translated.";

impl TranslateArgs {
    pub(super) fn run(self) -> Result<ExitCode, Failure> {
        let artifact = Artifact::open(&self.component).map_err(BadInput::from)?;
        output::write(&self.output, translate(&artifact)?.wasm())?;
        Ok(ExitCode::SUCCESS)
    }
}
