//! Why components do not compose. Each error is one sentence that names the component, the import, and what could serve it.

use crate::cause::list;
use crate::{Advice, Cause, artifact, translate};
use std::borrow::Cow;
use std::io;

/// Why components do not compose. Components are named by their files.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An input is no component.
    #[error(transparent)]
    Artifact(#[from] artifact::Error),
    /// An input has bridges.
    #[error(
        "`{name}` is a composition with bridges between sync and async, which cannot become part of another"
    )]
    AlreadyBridged {
        /// The component.
        name: String,
    },
    /// Others speak the split ABI, and a native one among them is not translated to it.
    #[error(transparent)]
    Translate(#[from] translate::Error),
    /// The composer cannot read a component.
    #[error("`{name}` cannot be composed: {reason}")]
    NotUnderstood {
        /// The component.
        name: String,
        /// Why not.
        reason: Cause,
    },
    /// Each connection fits, but not all together.
    #[error("`{name}` and its plugs do not make a valid component: {reason}")]
    NotEncoded {
        /// The component whose exports the composition has.
        name: String,
        /// Why not.
        reason: Cause,
    },
    /// Other plugs serve the imports that a plug was named for.
    #[error(
        "nothing is left for `{plug}` to serve: the import `{import}` of `{importer}` is served by `{server}` already"
    )]
    NothingLeft {
        /// The plug.
        plug: String,
        /// The import.
        import: String,
        /// The component that imports it.
        importer: String,
        /// The component that serves it.
        server: String,
    },
    /// The import that a plug was named for belongs to a component after it.
    #[error("`{plug}` comes before `{importer}`, whose import `{import}` it was to serve")]
    BeforeImporter {
        /// The plug.
        plug: String,
        /// The component that imports it.
        importer: String,
        /// The import.
        import: String,
    },
    /// No import has the name that was given for a plug.
    #[error("no component has an import `{import}` for `{plug}` to serve: {open}")]
    NoSuchImport {
        /// The plug.
        plug: String,
        /// The name.
        import: String,
        /// The imports that could be served.
        open: OpenImports,
    },
    /// The export of a plug is imported, but served by another plug.
    #[error(
        "nothing takes `{plug}`: the import `{import}` of `{importer}`, which it fits, is served by `{server}` already"
    )]
    ServedAlready {
        /// The plug.
        plug: String,
        /// The import.
        import: String,
        /// The component that imports it.
        importer: String,
        /// The component that serves it.
        server: String,
    },
    /// The export of a plug is imported in another version.
    #[error(
        "nothing takes `{plug}`: it exports `{export}`, but `{importer}` imports `{import}`, a version that is not compatible"
    )]
    OtherVersion {
        /// The plug.
        plug: String,
        /// Its export.
        export: String,
        /// The component that imports it.
        importer: String,
        /// The import.
        import: String,
    },
    /// No export of a plug is imported.
    #[error("nothing takes `{plug}`: it exports {}, and {open}", list_or_nothing(.exports))]
    NothingTakes {
        /// The plug.
        plug: String,
        /// Its exports.
        exports: Vec<String>,
        /// The imports that could be served.
        open: OpenImports,
    },
    /// A plug fits several imports under labels, which are not names of interfaces.
    #[error("`{plug}` fits more than one import: {imports}")]
    Ambiguous {
        /// The plug.
        plug: String,
        /// The imports that it fits.
        imports: FittingImports,
    },
    /// Several exports of a plug have the type of the import that it was named for.
    #[error(
        "more than one export of `{plug}` fits the import `{import}` of `{importer}`: {}",
        list(.exports)
    )]
    SeveralExports {
        /// The plug.
        plug: String,
        /// The component that imports.
        importer: String,
        /// The import.
        import: String,
        /// The exports that fit.
        exports: Vec<String>,
    },
    /// No export of a plug has the name or the type of the import that it was named for.
    #[error(
        "no export of `{plug}` fits the import `{import}` of `{importer}`: {}",
        no_export_fits(.exports, .reason)
    )]
    NoExportFits {
        /// The plug.
        plug: String,
        /// The component that imports.
        importer: String,
        /// The import.
        import: String,
        /// The plug's exports.
        exports: Vec<String>,
        /// Why the only export does not fit.
        reason: Option<Cause>,
    },
    /// An export has the name of an import, but not its type.
    #[error("`{plug}` exports `{import}` with another type than `{importer}` imports it: {reason}")]
    Misfit {
        /// The plug.
        plug: String,
        /// The component that imports.
        importer: String,
        /// The import.
        import: String,
        /// The difference.
        reason: Cause,
    },
    /// An import of a plug could only be served by a component that needs the plug.
    #[error(
        "`{importer}` imports `{import}`, which only `{provider}` exports, and that needs `{importer}`: a cycle"
    )]
    Cycle {
        /// The plug.
        importer: String,
        /// Its import.
        import: String,
        /// The component that could serve it.
        provider: String,
    },
    /// An import of a plug could be served by a component before it, if that came after the plug.
    #[error("`{provider}` comes before `{importer}`, whose import `{import}` it could serve")]
    TooEarly {
        /// The plug.
        importer: String,
        /// Its import.
        import: String,
        /// The component that could serve it.
        provider: String,
    },
    /// A component would have to be on both sides of a bridge.
    #[error(
        "the import `{import}` of `{importer}` and `{plug}` must be bridged, since one is async and the other is not, but other \
         connections put both into one store"
    )]
    AcrossABridge {
        /// The component that imports.
        importer: String,
        /// The import.
        import: String,
        /// The component that serves it.
        plug: String,
    },
    /// A component cannot be wrapped with the pipes that others import from it.
    #[error(
        "`{name}` exports `{export}` without the pipes that others import of it ({}), and they cannot be added: {reason}",
        list(.pipes)
    )]
    PipesNotAdded {
        /// The component.
        name: String,
        /// Its export.
        export: String,
        /// The pipes.
        pipes: Vec<String>,
        /// Why not.
        reason: Cause,
    },
    /// A component cannot export an interface under the name that it had before the split.
    #[error(
        "`{name}` exports `{export}`, and cannot export it as `{import}`, which others import: {reason}"
    )]
    NotRenamed {
        /// The component.
        name: String,
        /// Its export.
        export: String,
        /// The import of others.
        import: String,
        /// Why not.
        reason: Cause,
    },
    /// A `.wac` file cannot be read.
    #[error("failed to read `{file}`: {reason}")]
    NoDocument {
        /// Its path.
        file: String,
        /// Why not.
        reason: io::Error,
    },
    /// A component was given for a package that a `.wac` file does not mention.
    #[error("`{file}` mentions no package `{package}`")]
    NoSuchPackage {
        /// The file's path.
        file: String,
        /// The package.
        package: String,
    },
    /// A `.wac` file has an error.
    #[error(transparent)]
    Document(Box<super::DocumentError>),
}

/// Imports that no component serves, without those that only the host can serve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenImports(pub(super) Vec<(String, Vec<String>)>);

impl std::fmt::Display for OpenImports {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (number, (component, imports)) in self.0.iter().enumerate() {
            let separator = if number > 0 { "; " } else { "" };
            if imports.is_empty() {
                write!(f, "{separator}`{component}` has no open import")?;
            } else {
                write!(f, "{separator}`{component}` imports {}", list(imports))?;
            }
        }
        Ok(())
    }
}

/// Imports of components that a plug fits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FittingImports(pub(super) Vec<(String, Vec<String>)>);

impl std::fmt::Display for FittingImports {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (number, (component, imports)) in self.0.iter().enumerate() {
            let separator = if number > 0 { ", " } else { "" };
            write!(f, "{separator}{} of `{component}`", list(imports))?;
        }
        Ok(())
    }
}

fn list_or_nothing(exports: &[String]) -> String {
    if exports.is_empty() {
        "nothing".to_owned()
    } else {
        list(exports)
    }
}

fn no_export_fits(exports: &[String], reason: &Option<Cause>) -> String {
    match (exports, reason) {
        ([], _) => "it exports nothing".to_owned(),
        ([only], Some(reason)) => format!("its export is `{only}`: {reason}"),
        (exports, _) => format!("its exports are {}", list(exports)),
    }
}

impl Advice for Error {
    fn help(&self) -> Option<Cow<'_, str>> {
        let help = match self {
            Error::Artifact(error) => return error.help(),
            Error::AlreadyBridged { .. } => "compose all of its components with the others at once",
            Error::Translate(error) => return error.help(),
            Error::NotUnderstood { .. } => {
                "it may be damaged, or use a feature that the composer does not know"
            }
            Error::NotEncoded { .. } => {
                "the components must agree on the types of the interfaces that they share"
            }
            Error::NothingLeft { .. } => "name another import, or leave one of the plugs out",
            Error::BeforeImporter { .. } => {
                "plugs serve only components before them: pass it after them"
            }
            Error::NoSuchImport { .. } => {
                "`polyfill-host inspect COMPONENT` shows what a component imports"
            }
            Error::ServedAlready { .. } => {
                "leave one of the two out, or name other imports: `--plug IMPORT=FILE`"
            }
            Error::OtherVersion { .. } => "build both against the same version of the interface",
            Error::NothingTakes { .. } => {
                "leave it out, or pass it after the component that it serves"
            }
            Error::Ambiguous { plug, imports } => {
                let first = imports.0.first().and_then(|(_, names)| names.first());
                let first = first.map_or("IMPORT", String::as_str);
                return Some(
                    format!("say which: `--plug {first}={plug}`, with commas between several")
                        .into(),
                );
            }
            Error::SeveralExports { .. } => "say which in a `.wac` file",
            Error::NoExportFits { .. } => {
                "`polyfill-host inspect COMPONENT` shows the functions of both"
            }
            Error::Misfit { .. } => "build both against the same WIT",
            Error::Cycle { .. } => {
                "components call one another in one direction only: split one of the two; \
                 if the import is meant to stay open, write a `.wac` file"
            }
            Error::TooEarly {
                importer, provider, ..
            } => {
                return Some(
                    format!(
                        "plugs serve only components before them: pass `{provider}` after `{importer}`; \
                         if the import is meant to stay open, write a `.wac` file"
                    )
                    .into(),
                );
            }
            Error::AcrossABridge { .. } => {
                "pass the component that both sides need twice, each time after the component that it serves"
            }
            Error::PipesNotAdded { .. } | Error::NotRenamed { .. } => {
                "build all of these components against the same WIT"
            }
            Error::NoDocument { .. } => "give the path of a `.wac` file",
            Error::NoSuchPackage { .. } => "leave its `--dep` out, or correct the name",
            Error::Document(error) => return error.help(),
        };
        Some(help.into())
    }
}
