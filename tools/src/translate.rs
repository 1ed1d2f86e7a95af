//! Native components of WASI 0.3, translated to the split ABI.

use crate::abi::Abi;
use crate::{Advice, Artifact, artifact};
use isyswasfa_translate::{Moves, translate_among};
use std::borrow::Cow;

/// Why a component is not translated.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// It is no native component, or has something that is not translated.
    #[error("`{name}` cannot be translated: {reason}")]
    Refused {
        /// What it is called.
        name: String,
        /// What is in the way.
        reason: isyswasfa_translate::Error,
    },
    /// It is a composition with bridges.
    #[error(
        "`{name}` is a composition with bridges between sync and async, which cannot be translated as a whole"
    )]
    Bridged {
        /// What it is called.
        name: String,
    },
    /// What came of it cannot be read.
    #[error(transparent)]
    Artifact(#[from] artifact::Error),
}

impl Error {
    /// Whether it is a bug of the translator, and not a matter of the component.
    pub fn is_internal(&self) -> bool {
        matches!(
            self,
            Error::Refused {
                reason: isyswasfa_translate::Error::Internal(_),
                ..
            } | Error::Artifact(_)
        )
    }
}

impl Advice for Error {
    fn help(&self) -> Option<Cow<'_, str>> {
        use isyswasfa_translate::Error as E;
        let help = match self {
            Error::Bridged { .. } => "translate its components, then compose them again",
            Error::Artifact(_) => return None,
            Error::Refused { reason, .. } => match reason {
                E::NotNative(_) => {
                    "give a native component of WASI 0.3; `polyfill-host inspect` tells what a component is"
                }
                E::Invalid(_) => {
                    "it may be damaged, or need a feature of WebAssembly that is newer than this program"
                }
                E::Internal(_) => return None,
                _ => "docs/translate.md lists what is not translated",
            },
        };
        Some(help.into())
    }
}

/// The native component, translated.
///
/// # Errors
/// If it is no native component, or one that cannot be translated.
pub fn translate(artifact: &Artifact) -> Result<Artifact, Error> {
    among(artifact, &Moves::default())
}

/// The component, translated if it is a native one; else as it is.
///
/// # Errors
/// If it is native and cannot be translated.
pub fn if_native(artifact: Artifact) -> Result<Artifact, Error> {
    if is_native(&artifact) {
        translate(&artifact)
    } else {
        Ok(artifact)
    }
}

/// Whether the component, or one behind its bridges, is native and valid: of what is not, others say so.
fn is_native(artifact: &Artifact) -> bool {
    let islands = artifact.bridges().islands.iter();
    (artifact.abi() == Abi::Native && isyswasfa_translate::is_native(artifact.wasm()))
        || islands
            .into_iter()
            .any(|island| isyswasfa_translate::is_native(&island.wasm))
}

/// The native component, translated to be composed with others in which `moves` are split.
pub(crate) fn among(artifact: &Artifact, moves: &Moves) -> Result<Artifact, Error> {
    let name = artifact.name();
    if artifact.has_bridges() {
        return Err(Error::Bridged {
            name: name.to_owned(),
        });
    }
    let refused = |reason| Error::Refused {
        name: name.to_owned(),
        reason,
    };
    let wasm = translate_among(artifact.wasm(), moves).map_err(refused)?;
    Ok(Artifact::new(name, wasm)?)
}
