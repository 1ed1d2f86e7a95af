//! `polyfill-host translate`.

use super::{Failure, output};
use crate::BadInput;
use anyhow::Context;
use clap::Args;
use isyswasfa_translate::Error;
use std::borrow::Cow;
use std::path::{Path, PathBuf};
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
        let component = read(&self.component)?;
        let translated = translate(&self.component, &component)?;
        output::write(&self.output, &translated)?;
        Ok(ExitCode::SUCCESS)
    }
}

/// The component in a file, of text or binary.
fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let bytes = std::fs::read(path)
        .map_err(|error| BadInput::new(format!("failed to read `{}`: {error}", path.display())))?;
    match wat::parse_bytes(&bytes) {
        Ok(Cow::Owned(wasm)) => Ok(wasm),
        // Text that is none, or wasm.
        Ok(Cow::Borrowed(_)) | Err(_) => Ok(bytes),
    }
}

/// The component, translated.
pub(super) fn translate(path: &Path, component: &[u8]) -> Result<Vec<u8>, Failure> {
    isyswasfa_translate::translate(component).map_err(|error| match error {
        Error::Internal(_) => Failure::Other(
            Err::<(), _>(error)
                .with_context(|| format!("failed to translate `{}`", path.display()))
                .expect_err("it is an error"),
        ),
        error => Failure::BadInput(BadInput::new(format!(
            "`{}` cannot be translated: {error}",
            path.display()
        ))),
    })
}
