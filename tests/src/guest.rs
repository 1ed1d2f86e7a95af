//! The components that `cargo xtask guest` has built.

use crate::lowered::lowered;
use crate::translated::translated;
use std::path::{Path, PathBuf};

/// The backend that a guest is built or prepared for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Backend {
    /// The split ABI, which is valid WASI 0.2.
    Isyswasfa,
    /// WASI 0.3.
    Native,
    /// The split ABI, lowered to nothing but WASI 0.2.
    Lowered,
    /// The native component, translated to the split ABI.
    Translated,
    /// The native component, translated and lowered.
    TranslatedLowered,
}

/// The ABI of a component's interfaces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Abi {
    /// Async functions are two halves, streams are resources.
    Split,
    /// WASI 0.3, unchanged.
    Native,
    /// WASI 0.2, with async functions as ordinary ones.
    Lowered,
}

impl Backend {
    /// The backends that guests are built for; the others are made from these.
    pub const BUILT: [Self; 2] = [Self::Isyswasfa, Self::Native];

    /// The name, as in `--backend`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Isyswasfa => "isyswasfa",
            Self::Native => "native",
            Self::Lowered => "lowered",
            Self::Translated => "translated",
            Self::TranslatedLowered => "translated-lowered",
        }
    }

    /// The ABI of its components' interfaces.
    pub fn abi(self) -> Abi {
        match self {
            Self::Isyswasfa | Self::Translated => Abi::Split,
            Self::Native => Abi::Native,
            Self::Lowered | Self::TranslatedLowered => Abi::Lowered,
        }
    }

    /// The backend of [`Backend::BUILT`] that its components are made from.
    pub fn built(self) -> Self {
        match self {
            Self::Isyswasfa | Self::Lowered => Self::Isyswasfa,
            Self::Native | Self::Translated | Self::TranslatedLowered => Self::Native,
        }
    }

    /// Whether its components are translated.
    pub fn is_translated(self) -> bool {
        matches!(self, Self::Translated | Self::TranslatedLowered)
    }

    /// The backend whose components are lowered for this one, if this is for lowered ones.
    pub fn before_lowering(self) -> Option<Self> {
        match self {
            Self::Lowered => Some(Self::Isyswasfa),
            Self::TranslatedLowered => Some(Self::Translated),
            _ => None,
        }
    }
}

/// The component of the case `name`.
///
/// # Panics
/// If it has not been built.
pub fn guest(name: &str, backend: Backend) -> PathBuf {
    if backend == Backend::Translated {
        return translated(name);
    }
    if backend.before_lowering().is_some() {
        return lowered(name, backend);
    }
    let backend = backend.name();
    let file = target()
        .join("guests")
        .join(backend)
        .join(format!("{name}.wasm"));
    assert!(
        file.exists(),
        "there is no `{}`\nhelp: `cargo xtask test` builds the guests and runs the tests; \
         `cargo xtask guest --all --backend {backend}` builds them only, and `cargo xtask languages` those in other languages",
        file.display(),
    );
    file
}

/// The component of the case `name`, to be composed with others: what is lowered is so after that.
///
/// # Panics
/// If it has not been built.
pub fn composable(name: &str, backend: Backend) -> PathBuf {
    guest(name, backend.before_lowering().unwrap_or(backend))
}

/// Cargo's target folder, which holds this program: `TARGET/PROFILE/[deps/]NAME`.
pub fn target() -> PathBuf {
    profile().parent().expect("the target folder").to_owned()
}

/// The program `name` of this workspace, built along with this one.
///
/// # Panics
/// If it has not been built.
pub fn program(name: &str) -> PathBuf {
    let file = profile().join(name);
    assert!(
        file.exists(),
        "there is no `{}`\nhelp: `cargo build --workspace --bins`",
        file.display()
    );
    file
}

fn profile() -> PathBuf {
    let this = std::env::current_exe().expect("our own path");
    let folder = this.parent().expect("the folder of our program");
    if folder.ends_with("deps") {
        folder.parent().map(Path::to_owned).expect("its parent")
    } else {
        folder.to_owned()
    }
}
