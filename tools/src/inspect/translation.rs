//! Whether a native component can be translated to the split ABI.

use crate::abi::Abi;
use crate::artifact::Artifact;
use crate::translate;
use serde::Serialize;

/// Whether a native component can be translated to the split ABI.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Translation {
    /// Whether it can.
    pub possible: bool,
    /// Why not, in one sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

impl Translation {
    /// None: it is not native.
    pub(super) fn of(artifact: &Artifact) -> Option<Self> {
        if artifact.abi() != Abi::Native {
            return None;
        }
        let why = translate::translate(artifact)
            .err()
            .map(|error| match error {
                // The component is named by the report.
                translate::Error::Refused { reason, .. } => reason.to_string(),
                error => error.to_string(),
            });
        Some(Translation {
            possible: why.is_none(),
            why,
        })
    }
}
