//! A file to look at, and its kind.

use crate::script::Language;
use std::path::{Path, PathBuf};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Wit,
    Rust,
    /// `Cargo.toml`
    Cargo,
    /// `deps.toml` of wit-deps
    WitDeps,
    /// `wkg.toml`
    Wkg,
    /// `wkg.lock`
    WkgLock,
    /// `deps.lock` of wit-deps
    DepsLock,
    /// Python or JavaScript
    Script(Language),
}

impl Kind {
    /// The kind by the file's name. `None` if no rule looks at such files.
    pub fn of(path: &Path) -> Option<Self> {
        match (path.file_name()?.to_str()?, path.extension()?.to_str()?) {
            ("Cargo.toml", _) => Some(Self::Cargo),
            ("deps.toml", _) => Some(Self::WitDeps),
            ("wkg.toml", _) => Some(Self::Wkg),
            ("wkg.lock", _) => Some(Self::WkgLock),
            ("deps.lock", _) => Some(Self::DepsLock),
            (_, "wit") => Some(Self::Wit),
            (_, "rs") => Some(Self::Rust),
            (_, "py") => Some(Self::Script(Language::Python)),
            (_, "js" | "mjs" | "cjs" | "jsx") => Some(Self::Script(Language::JavaScript)),
            (_, "ts" | "mts" | "cts") => Some(Self::Script(Language::TypeScript)),
            (_, "tsx") => Some(Self::Script(Language::Tsx)),
            _ => None,
        }
    }

    /// What begins a comment.
    pub fn comment(self) -> &'static str {
        match self {
            Self::Wit | Self::Rust => "//",
            Self::Script(language) if !language.is_python() => "//",
            _ => "#",
        }
    }
}

#[derive(Clone, Debug)]
pub struct Source {
    pub path: PathBuf,
    pub kind: Kind,
    pub text: String,
}

impl Source {
    /// `None` if it is a kind of file that no rule looks at.
    pub fn new(path: impl Into<PathBuf>, text: impl Into<String>) -> Option<Self> {
        let path = path.into();
        let kind = Kind::of(&path)?;
        Some(Self {
            path,
            kind,
            text: text.into(),
        })
    }
}
