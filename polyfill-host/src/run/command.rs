//! Finds out how a component is run, from its own imports and exports.

use crate::abi::{InterfaceName, Shape};
use crate::bad_input::BadInput;
use std::path::Path;

/// Which ABI a component is run with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CommandAbi {
    /// The split ABI.
    Split,
    /// Native WASI 0.3.
    Native,
    /// Plain WASI 0.2.
    Plain,
}

/// The exported `wasi:cli/run` of a component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Command {
    /// Its ABI.
    pub abi: CommandAbi,
    /// Its name, with the version.
    pub export: String,
}

impl Command {
    /// The `wasi:cli/run` that a component of this shape exports. One that exports several is run through the split one,
    /// else the native one.
    ///
    /// # Errors
    /// If it exports none: says what it exports instead. `path` is only for the message.
    pub fn find(shape: &Shape, path: &Path) -> Result<Self, BadInput> {
        let found = |wanted: CommandAbi| {
            let mut exports = shape.exports.iter();
            let export = exports.find(|export| run_abi(export) == Some(wanted))?;
            Some(Command {
                abi: wanted,
                export: export.clone(),
            })
        };
        [CommandAbi::Split, CommandAbi::Native, CommandAbi::Plain]
            .into_iter()
            .find_map(found)
            .ok_or_else(|| no_command(shape, path))
    }
}

impl CommandAbi {
    /// The ABI that a component of this shape must be instantiated with, whatever it exports.
    pub fn of(shape: &Shape) -> Self {
        let names = || {
            let names = shape.imports.iter().chain(&shape.exports);
            names.filter_map(|name| InterfaceName::parse(name))
        };
        if names().any(|name| name.is_split() || name.package == "isyswasfa:core") {
            CommandAbi::Split
        } else if shape.mentions_native() {
            CommandAbi::Native
        } else {
            CommandAbi::Plain
        }
    }
}

fn run_abi(export: &str) -> Option<CommandAbi> {
    let name = InterfaceName::parse(export)?;
    let version = name.version.as_ref()?;
    match (name.package, name.interface, version.major, version.minor) {
        ("wasi:cli", "run", 0, 3) if name.is_split() => Some(CommandAbi::Split),
        ("wasi:cli", "run", 0, 3) if version.pre.is_empty() => Some(CommandAbi::Native),
        ("wasi:cli", "run", 0, 2) if version.pre.is_empty() => Some(CommandAbi::Plain),
        _ => None,
    }
}

fn no_command(shape: &Shape, path: &Path) -> BadInput {
    let file = path.display();
    let found = match shape.exports.as_slice() {
        [] => "it exports nothing".to_owned(),
        exports => {
            let names: Vec<_> = exports.iter().map(|name| format!("`{name}`")).collect();
            format!("it exports {}", names.join(", "))
        }
    };
    let error = BadInput::new(format!(
        "`{file}` is no command; {found}, but `wasi:cli/run` was expected, of version 0.3.x, \
         0.3.x-isyswasfa or 0.2.x"
    ));
    if shape.http_abi(path).is_ok() {
        error.help("it is a server: `polyfill-host serve`")
    } else if shape.exports.is_empty() {
        error.help("export it: `compat_api::cli::command::export!(…)` in the guest")
    } else {
        error.help("`--invoke 'INTERFACE.FUNCTION(ARGUMENTS)'` calls a single function")
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
            ("wasi:cli/run@0.3.2-isyswasfa", CommandAbi::Split),
            ("wasi:cli/run@0.3.0", CommandAbi::Native),
            ("wasi:cli/run@0.2.6", CommandAbi::Plain),
        ] {
            let command = Command::find(&shape(&[], &[export]), path).unwrap();
            assert_eq!((command.abi, command.export.as_str()), (abi, export));
        }
        let both = shape(&[], &["wasi:cli/run@0.2.0", "wasi:cli/run@0.3.2-isyswasfa"]);
        assert_eq!(Command::find(&both, path).unwrap().abi, CommandAbi::Split);
    }

    #[test]
    fn what_is_no_command_is_told_what_to_do() {
        let path = Path::new("app.wasm");
        let advice = |exports: &[&str]| {
            let error = Command::find(&shape(&[], exports), path).unwrap_err();
            error.advice().unwrap().to_owned()
        };
        assert!(advice(&["wasi:http/handler@0.3.2"]).contains("serve"));
        assert!(advice(&["my:own/thing"]).contains("--invoke"));
        assert!(advice(&[]).contains("export!"));
    }

    #[test]
    fn imports_tell_the_abi_as_well() {
        let of = |imports: &[&str]| CommandAbi::of(&shape(imports, &["my:own/thing"]));
        assert_eq!(of(&["isyswasfa:core/tasks@0.1.0"]), CommandAbi::Split);
        assert_eq!(of(&["wasi:cli/stdout@0.3.0"]), CommandAbi::Native);
        assert_eq!(of(&["wasi:cli/stdout@0.2.0"]), CommandAbi::Plain);
    }
}
