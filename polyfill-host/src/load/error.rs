//! Why a component cannot be made ready to run.

use crate::bad_input::BadInput;
use isyswasfa_tools::{artifact, translate};
use std::path::PathBuf;

/// Why a component cannot be made ready to run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LoadError {
    /// The file cannot be read, is no component, or cannot be translated as the options want it.
    #[error("{}", .0.what())]
    Input(#[from] BadInput),
    /// The options for engines contradict each other, or the machine cannot fulfil them.
    #[error("failed to set up the engine: {0:#}")]
    Engine(wasmtime::Error),
    /// The component cannot be composed with the adapter.
    #[error("`{}` cannot be composed with the adapter for WASI 0.3: {reason:#}", .path.display())]
    Adapter {
        /// The component's file.
        path: PathBuf,
        /// The composer's message.
        reason: wasmtime::Error,
    },
    /// The component does not compile.
    #[error("`{}` is not a valid component: {reason:#}", .path.display())]
    Invalid {
        /// The component's file.
        path: PathBuf,
        /// The compiler's message.
        reason: wasmtime::Error,
    },
    /// WASI cannot be defined for the component: a bug in `polyfill-host`.
    #[error("failed to link WASI: {0:#}")]
    Wasi(wasmtime::Error),
    /// The component does not import what its bridges name.
    #[error("`{}` does not match its bridges: {reason:#}", .path.display())]
    Bridges {
        /// The component's file.
        path: PathBuf,
        /// What is missing.
        reason: wasmtime::Error,
    },
    /// The host has all interfaces that the component imports, but with another function or type in one of them.
    #[error("`{}` imports something that this host does not have: {}", .path.display(), causes(.reason))]
    Unfit {
        /// The component's file.
        path: PathBuf,
        /// What differs.
        reason: wasmtime::Error,
    },
    /// The component imports interfaces that the host does not have.
    #[error("`{}` imports what this host does not have: {}", .path.display(), described(.missing))]
    MissingImports {
        /// The component's file.
        path: PathBuf,
        /// All missing imports.
        missing: Vec<MissingImport>,
    },
}

impl From<artifact::Error> for LoadError {
    fn from(error: artifact::Error) -> Self {
        LoadError::Input(error.into())
    }
}

impl From<translate::Error> for LoadError {
    fn from(error: translate::Error) -> Self {
        LoadError::Input(error.into())
    }
}

/// An imported interface that the host does not have.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct MissingImport {
    /// The import.
    pub name: String,
    /// Another version of it that the host has.
    pub nearest: Option<String>,
    /// What the import is.
    pub(super) kind: Kind,
}

/// What a missing import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// The import at a bridge.
    Bridge,
    /// An interface of WASI.
    Wasi,
    /// Any other.
    Other,
}

impl LoadError {
    /// What the user can do about it.
    pub fn help(&self) -> Option<&str> {
        Some(match self {
            LoadError::Input(error) => return error.advice(),
            LoadError::Engine(_) => {
                "check the options `-C`, `-O` and `-W`; `-O pooling-allocator=n` needs the least \
                 address space, and `ulimit -v unlimited` lifts a limit of the shell's"
            }
            LoadError::Adapter { .. } => {
                "build the guest with the `compat-api` that came with this host"
            }
            LoadError::Invalid { .. } => {
                "it may be damaged, or need a feature of WebAssembly that this host does not have"
            }
            LoadError::Wasi(_) => return None,
            LoadError::Bridges { .. } => "compose it again",
            LoadError::Unfit { .. } => {
                "build the guest against the interfaces of WASI 0.2 or 0.3 as published"
            }
            LoadError::MissingImports { missing, .. } => {
                let any = |kind| missing.iter().any(|import| import.kind == kind);
                if any(Kind::Bridge) {
                    "it is part of a composition with bridges: run that, as `polyfill-host compose` wrote it"
                } else if any(Kind::Wasi) {
                    "build the guest against a version of WASI that this host has, or switch the interfaces on \
                     (`-S cli=y`, `-S p3=y`)"
                } else {
                    "compose the component with one that provides these imports (`wac plug`)"
                }
            }
        })
    }
}

fn causes(error: &wasmtime::Error) -> String {
    let causes: Vec<_> = error.chain().map(|cause| cause.to_string()).collect();
    causes.join(": ")
}

fn described(missing: &[MissingImport]) -> String {
    let described: Vec<_> = missing
        .iter()
        .map(|import| match &import.nearest {
            Some(near) => format!("`{}` (this host has `{near}`)", import.name),
            None => format!("`{}`", import.name),
        })
        .collect();
    described.join(", ")
}
