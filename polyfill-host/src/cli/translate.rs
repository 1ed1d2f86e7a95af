//! `polyfill-host translate`.

use super::{Failure, output};
use crate::abi::Abi;
use crate::{Artifact, BadInput};
use clap::Args;
use isyswasfa_translate::Error;
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
  polyfill-host lower app.wasm -o app-0.2.wasm

The result composes with other components of the split ABI and runs on `polyfill-host`; `lower` makes of it
one that any host of WASI 0.2 runs, and translates by itself what is native.

The exit status is 2, and nothing is written, if the component is no native one or cannot be translated.";

impl TranslateArgs {
    pub(super) fn run(self) -> Result<ExitCode, Failure> {
        let artifact = Artifact::open(&self.component).map_err(BadInput::from)?;
        output::write(&self.output, &translate(&artifact)?)?;
        Ok(ExitCode::SUCCESS)
    }
}

/// The component, translated if it is a native one.
pub(super) fn if_native(artifact: Artifact) -> Result<Artifact, Failure> {
    // What is invalid looks native as well: whoever wanted it says so.
    if artifact.abi() != Abi::Native || !isyswasfa_translate::is_native(artifact.wasm()) {
        return Ok(artifact);
    }
    let translated = translate(&artifact)?;
    Ok(Artifact::new(artifact.name(), translated).map_err(BadInput::from)?)
}

fn translate(artifact: &Artifact) -> Result<Vec<u8>, Failure> {
    let what = || format!("`{}` cannot be translated", artifact.name());
    isyswasfa_translate::translate(artifact.wasm()).map_err(|error| match error {
        Error::Internal(_) => Failure::Other(anyhow::Error::new(error).context(what())),
        error => Failure::BadInput(BadInput::new(format!("{}: {error}", what()))),
    })
}
