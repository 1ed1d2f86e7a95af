//! The rules: one file each under `rules/`, named for what it finds; its doc comment is its documentation.

mod list;
pub mod manifest;
pub mod possible;
pub mod program;
pub mod rust;
pub mod script;
pub mod wit;

use crate::engine::Target;
use crate::facade::idiom::{Plan, ProgramContext};
use crate::finding::Finding;
use crate::wit::moved::{Moved, Stuck};
use crate::wit::{File, Package, Place, Scope, WasiItem};
pub use list::RULES;
use rustc_hash::FxHashMap;
use std::cell::{OnceCell, RefCell};
use std::rc::Rc;

pub struct Rule {
    /// In the words of the file name: `pollable-handle`.
    pub name: &'static str,
    pub check: Check,
    /// The text of the rule's own file.
    source: &'static str,
    /// The folder of that file.
    folder: &'static str,
}

#[derive(Clone, Copy)]
pub enum Check {
    Wit(fn(&WitContext, &mut Vec<Finding>)),
    Rust(fn(&RustContext, &mut Vec<Finding>)),
    Manifest(fn(&ManifestContext, &mut Vec<Finding>)),
    Script(fn(&ScriptContext, &mut Vec<Finding>)),
    /// For all files together.
    Program(fn(&ProgramContext, &mut Plan)),
    /// For files of WASI's own packages, which the other rules leave alone.
    Vendored(fn(&WitContext, &mut Vec<Finding>)),
}

/// A WIT file, together with the others of its folder, which are the same package.
pub struct WitContext<'a> {
    pub text: &'a str,
    pub file: &'a File,
    /// The interfaces and worlds of the file.
    pub scopes: &'a [Scope<'a>],
    pub package: &'a Package<'a>,
    pub target: Target,
    /// Everything that moves, also if only its version changes. Several rules use a part of it.
    moved: OnceCell<Vec<Movement>>,
    /// The types behind names, by the beginning of the scope and the name. Many rules ask for them.
    types: RefCell<FxHashMap<usize, TypesOfWasi>>,
}

type TypesOfWasi = FxHashMap<String, Option<Rc<WasiItem>>>;

/// A path to WASI 0.2, and what becomes of it.
type Movement = (Place, Result<Moved, Vec<Stuck>>);

impl<'a> WitContext<'a> {
    pub fn new(
        text: &'a str,
        file: &'a File,
        scopes: &'a [Scope<'a>],
        package: &'a Package<'a>,
        target: Target,
    ) -> Self {
        Self {
            text,
            file,
            scopes,
            package,
            target,
            moved: OnceCell::new(),
            types: RefCell::default(),
        }
    }
}

pub struct RustContext<'a> {
    pub text: &'a str,
    pub file: &'a crate::rust::File<'a>,
    pub target: Target,
    /// The findings of `moved-path`, which other rules use too.
    moved: OnceCell<Vec<Finding>>,
    /// Where `wit_stream` and `wit_future` are.
    support: OnceCell<String>,
}

impl<'a> RustContext<'a> {
    pub fn new(text: &'a str, file: &'a crate::rust::File<'a>, target: Target) -> Self {
        Self {
            text,
            file,
            target,
            moved: OnceCell::new(),
            support: OnceCell::new(),
        }
    }
}

pub struct ManifestContext<'a> {
    pub text: &'a str,
    pub kind: crate::source::Kind,
    pub table: &'a toml::de::DeTable<'a>,
    pub target: Target,
    /// Where `compat-api` comes from.
    pub compat: &'a crate::facade::Facade,
    /// The folder of the manifest.
    pub folder: &'a std::path::Path,
}

/// A Python or JavaScript file.
pub struct ScriptContext {
    pub language: crate::script::Language,
    /// The places at which something of WASI is named.
    pub mentions: Vec<crate::script::Mention>,
}

pub fn rule(name: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.name == name)
}

impl Rule {
    /// The doc comment, as Markdown.
    pub fn documentation(&self) -> String {
        let lines = self
            .source
            .lines()
            .take_while(|line| line.starts_with("//!"));
        lines
            .map(|line| line[3..].strip_prefix(' ').unwrap_or(""))
            .collect::<Vec<_>>()
            .join("\n")
            // The examples need crates that this one doesn't have.
            .replace("```rust,ignore", "```rust")
    }

    /// Looked for only if it is selected.
    pub fn is_opt_in(&self) -> bool {
        ["compat-path", "compat-dependency"].contains(&self.name)
    }

    /// The first sentence of the documentation.
    pub fn summary(&self) -> String {
        self.documentation()
            .lines()
            .take_while(|line| !line.is_empty())
            .collect::<Vec<_>>()
            .join(" ")
    }

    /// What the documentation has under `## TITLE`.
    pub fn section(&self, title: &str) -> Option<String> {
        let documentation = self.documentation();
        let (_, after) = documentation.split_once(&format!("## {title}\n"))?;
        Some(
            after
                .split("\n## ")
                .next()
                .unwrap_or(after)
                .trim()
                .to_owned(),
        )
    }

    /// The rule's file in the repository, whose beginning is its documentation.
    pub fn address(&self) -> String {
        format!(
            "{}/blob/v{}/migrate/src/rules/{}/{}.rs",
            env!("CARGO_PKG_REPOSITORY"),
            env!("CARGO_PKG_VERSION"),
            self.folder,
            self.name.replace('-', "_")
        )
    }

    /// What kind of files it looks at.
    pub fn group(&self) -> &'static str {
        match self.check {
            Check::Wit(_) | Check::Vendored(_) => "WIT",
            Check::Rust(_) => "Rust",
            Check::Manifest(_) => "manifests",
            Check::Script(_) if self.name.starts_with("python") => "Python",
            Check::Script(_) => "JavaScript",
            Check::Program(_) => "the facade",
        }
    }
}
