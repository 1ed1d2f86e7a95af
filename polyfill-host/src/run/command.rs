//! Finds the exported `wasi:cli/run` of a component, and its ABI.

use super::error::RunError;
use crate::abi::{Abi, InterfaceName, Shape, wasi_abi};
use isyswasfa_wit::names::CLI_RUN;
use std::path::Path;

/// The exported `wasi:cli/run` of a component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Command {
    /// Its ABI.
    pub abi: Abi,
    /// Its name, with the version.
    pub export: String,
}

impl Command {
    /// The `wasi:cli/run` that a component of this shape exports. If there are several, the split one is preferred, then the
    /// native one.
    ///
    /// # Errors
    /// If it exports none: the error lists its exports. `path` is only for the message.
    pub fn find(shape: &Shape, path: &Path) -> Result<Self, RunError> {
        let found = |wanted: Abi| {
            let mut exports = shape.exports.iter();
            let export = exports.find(|export| run_abi(export) == Some(wanted))?;
            Some(Command {
                abi: wanted,
                export: export.clone(),
            })
        };
        [Abi::Split, Abi::Native, Abi::Plain]
            .into_iter()
            .find_map(found)
            .ok_or_else(|| no_command(shape, path))
    }
}

/// The ABI that a component of this shape must be instantiated with, for any export.
pub(super) fn abi_of(shape: &Shape) -> Abi {
    if shape.is_split() {
        Abi::Split
    } else if shape.mentions_native() {
        Abi::Native
    } else {
        Abi::Plain
    }
}

fn run_abi(export: &str) -> Option<Abi> {
    let name = InterfaceName::parse(export)?;
    wasi_abi(&name).filter(|_| name.is(CLI_RUN))
}

fn no_command(shape: &Shape, path: &Path) -> RunError {
    RunError::NoCommand {
        path: path.to_owned(),
        exports: shape.exports.clone(),
        is_server: shape.http_abi(path).is_ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(imports: &[&str], exports: &[&str]) -> Shape {
        let own = |names: &[&str]| names.iter().map(|name| name.to_string()).collect();
        Shape {
            imports: own(imports),
            exports: own(exports),
        }
    }

    #[test]
    fn each_version_of_run_has_its_abi() {
        let path = Path::new("app.wasm");
        for (export, abi) in [
            ("wasi:cli/run@0.3.2-isyswasfa", Abi::Split),
            ("wasi:cli/run@0.3.0", Abi::Native),
            ("wasi:cli/run@0.2.6", Abi::Plain),
        ] {
            let command = Command::find(&shape(&[], &[export]), path).unwrap();
            assert_eq!((command.abi, command.export.as_str()), (abi, export));
        }
        let both = shape(&[], &["wasi:cli/run@0.2.0", "wasi:cli/run@0.3.2-isyswasfa"]);
        assert_eq!(Command::find(&both, path).unwrap().abi, Abi::Split);
    }

    #[test]
    fn what_is_no_command_is_told_what_to_do() {
        let path = Path::new("app.wasm");
        let advice = |exports: &[&str]| {
            let error = Command::find(&shape(&[], exports), path).unwrap_err();
            error.help().unwrap()
        };
        assert!(advice(&["wasi:http/handler@0.3.2"]).contains("serve"));
        assert!(advice(&["my:own/thing"]).contains("--invoke"));
        assert!(advice(&[]).contains("export!"));
    }

    #[test]
    fn imports_tell_the_abi_as_well() {
        let of = |imports: &[&str]| abi_of(&shape(imports, &["my:own/thing"]));
        assert_eq!(of(&["isyswasfa:core/tasks@0.1.0"]), Abi::Split);
        assert_eq!(of(&["wasi:cli/stdout@0.3.0"]), Abi::Native);
        assert_eq!(of(&["wasi:cli/stdout@0.2.0"]), Abi::Plain);
    }
}
