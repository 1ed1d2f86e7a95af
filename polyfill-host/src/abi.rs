//! Reads from a component's own imports and exports which ABI it speaks, before anything is compiled.

use crate::bad_input::BadInput;
use semver::Version;
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;
use std::path::Path;
use wasmparser::{ComponentExternalKind, Encoding, Parser, Payload, Validator, WasmFeatures};

/// The three ways in which a component can be an HTTP server, or speak with other components at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Abi {
    /// The split ABI: exports `wasi:http/handler@0.3.x-isyswasfa`, valid WASI 0.2 throughout.
    Split,
    /// Native WASI 0.3: exports `wasi:http/handler@0.3.x`.
    Native,
    /// Plain WASI 0.2: exports `wasi:http/incoming-handler@0.2.x`.
    Plain,
}

impl Abi {
    /// The word for it in machine-readable output.
    pub fn name(self) -> &'static str {
        match self {
            Abi::Split => "isyswasfa",
            Abi::Native => "native",
            Abi::Plain => "0.2",
        }
    }
}

impl fmt::Display for Abi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Abi::Split => "split ABI",
            Abi::Native => "native WASI 0.3",
            Abi::Plain => "WASI 0.2",
        })
    }
}

impl Serialize for Abi {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// An interface's name as it stands in a component: `wasi:http/types@0.3.0`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InterfaceName<'a> {
    /// `wasi:http`
    pub package: &'a str,
    /// `types`
    pub interface: &'a str,
    /// `0.3.0`; `None` if the package has no version.
    pub version: Option<Version>,
}

impl<'a> InterfaceName<'a> {
    /// Takes the name apart; `None` if it is no interface's (`run`, a world-level function).
    pub fn parse(name: &'a str) -> Option<Self> {
        let (path, version) = match name.split_once('@') {
            Some((path, version)) => (path, Some(Version::parse(version).ok()?)),
            None => (name, None),
        };
        let (package, interface) = path.split_once('/')?;
        package.contains(':').then_some(Self {
            package,
            interface,
            version,
        })
    }

    /// Whether this interface belongs to the split ABI (`…-isyswasfa`).
    pub fn is_split(&self) -> bool {
        self.version.as_ref().is_some_and(|version| {
            let pre = version.pre.as_str();
            pre == "isyswasfa" || pre.ends_with(".isyswasfa")
        })
    }

    /// The ABI of a component that exports this interface, if it is an HTTP handler of ours.
    fn http_abi(&self) -> Option<Abi> {
        let version = self.version.as_ref()?;
        match (self.package, self.interface, version.major, version.minor) {
            ("wasi:http", "handler", 0, 3) if self.is_split() => Some(Abi::Split),
            ("wasi:http", "handler", 0, 3) if version.pre.is_empty() => Some(Abi::Native),
            ("wasi:http", "incoming-handler", 0, 2) if version.pre.is_empty() => Some(Abi::Plain),
            _ => None,
        }
    }
}

/// `a:b/c@1.0.0-isyswasfa` stands for `a:b/c@1.0.0`; `0.0.0` is what no version becomes.
pub(crate) fn original_name(name: &str) -> Option<String> {
    let (path, version) = name.split_once('@')?;
    let (version, build) = match version.split_once('+') {
        Some((version, build)) => (version, format!("+{build}")),
        None => (version, String::new()),
    };
    let version = version.strip_suffix("isyswasfa")?;
    let version = version.strip_suffix(['-', '.'])?;
    Some(match version {
        "0.0.0" => path.to_owned(),
        version => format!("{path}@{version}{build}"),
    })
}

/// What a component imports and exports at its outermost level, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shape {
    /// Interfaces and functions that the component needs, in its own order.
    pub imports: Vec<String>,
    /// Interfaces and functions that the component provides; types are left out.
    pub exports: Vec<String>,
}

impl Shape {
    /// Reads the shape of the component in `wasm`. `path` is only for the message.
    ///
    /// # Errors
    /// If `wasm` is not the binary of a component: says what it is instead.
    pub fn read(path: &Path, wasm: &[u8]) -> Result<Self, BadInput> {
        let file = path.display();
        if wasm.starts_with(b"\x7fELF") {
            return Err(BadInput::new(format!(
                "`{file}` is native code (perhaps a precompiled component), not a component"
            ))
            .help("give the `.wasm` file that it was compiled from"));
        }
        if !wasm.starts_with(b"\0asm") {
            let found = if wasm.is_empty() {
                "an empty file"
            } else {
                "not WebAssembly (it does not begin with `\\0asm`)"
            };
            return Err(BadInput::new(format!(
                "`{file}` is {found}; a WebAssembly component was expected"
            ))
            .help("build a component with `cargo build --target wasm32-wasip2`; `polyfill-host new` makes a project for that"));
        }
        Self::parse(wasm).map_err(|reason| match reason {
            Unreadable::CoreModule => BadInput::new(format!(
                "`{file}` is a core WebAssembly module; a component was expected"
            ))
            .help(
                "make a component of it with `wasm-tools component new`, or build the guest with \
                 `cargo build --target wasm32-wasip2`",
            ),
            Unreadable::Malformed(error) => {
                BadInput::new(format!("`{file}` is not a valid component: {error}"))
                    .help("build it again: the file may be cut short or damaged")
            }
        })
    }

    fn parse(wasm: &[u8]) -> Result<Self, Unreadable> {
        let mut shape = Self::default();
        // Nested modules and components come in the same stream: only depth 1 is the component's own.
        let mut depth = 0;
        for payload in Parser::new(0).parse_all(wasm) {
            match payload.map_err(Unreadable::malformed)? {
                Payload::Version { encoding, .. } => {
                    if depth == 0 && encoding == Encoding::Module {
                        return Err(Unreadable::CoreModule);
                    }
                    depth += 1;
                }
                Payload::End(_) => depth -= 1,
                Payload::ComponentImportSection(section) if depth == 1 => {
                    for import in section {
                        let import = import.map_err(Unreadable::malformed)?;
                        if !matches!(import.ty, wasmparser::ComponentTypeRef::Type(_)) {
                            shape.imports.push(import.name.name.to_owned());
                        }
                    }
                }
                Payload::ComponentExportSection(section) if depth == 1 => {
                    for export in section {
                        let export = export.map_err(Unreadable::malformed)?;
                        if export.kind != ComponentExternalKind::Type {
                            shape.exports.push(export.name.name.to_owned());
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(shape)
    }

    /// The ABI through which this component serves HTTP. A component that exports several handlers
    /// is served through the newest, and the split one before the native.
    ///
    /// # Errors
    /// If it exports no handler: says what it exports instead. `path` is only for the message.
    pub fn http_abi(&self, path: &Path) -> Result<Abi, BadInput> {
        let abis = || {
            let names = self.exports.iter();
            names.filter_map(|name| InterfaceName::parse(name)?.http_abi())
        };
        for wanted in [Abi::Split, Abi::Native, Abi::Plain] {
            if abis().any(|abi| abi == wanted) {
                return Ok(wanted);
            }
        }
        Err(self.no_handler(path))
    }

    /// The ABI that this component, whose binary is `wasm`, speaks with others: split if anything at its outside is, native if
    /// an engine must know component-model-async for it, else plain, which goes with either.
    pub fn abi(&self, wasm: &[u8]) -> Abi {
        let is_split = |name: &String| {
            InterfaceName::parse(name).is_some_and(|name| {
                name.is_split() || ["isyswasfa:core", "isyswasfa:pipes"].contains(&name.package)
            })
        };
        if self.imports.iter().chain(&self.exports).any(is_split) {
            return Abi::Split;
        }
        let without_async = WasmFeatures::all()
            - WasmFeatures::CM_ASYNC
            - WasmFeatures::CM_ASYNC_STACKFUL
            - WasmFeatures::CM_MORE_ASYNC_BUILTINS;
        match Validator::new_with_features(without_async).validate_all(wasm) {
            Ok(_) => Abi::Plain,
            Err(_) => Abi::Native,
        }
    }

    fn no_handler(&self, path: &Path) -> BadInput {
        let file = path.display();
        let found = match self.exports.as_slice() {
            [] => Cow::Borrowed("it exports nothing"),
            exports => {
                let names: Vec<_> = exports.iter().map(|name| format!("`{name}`")).collect();
                Cow::Owned(format!("it exports {}", names.join(", ")))
            }
        };
        let error = BadInput::new(format!(
            "`{file}` exports no HTTP handler; {found}, but `wasi:http/handler@0.3.x`, \
             `wasi:http/handler@0.3.x-isyswasfa` or `wasi:http/incoming-handler@0.2.x` was expected"
        ));
        let export = |package: &str, interface: &str| {
            let names = self.exports.iter();
            names
                .filter_map(|name| InterfaceName::parse(name))
                .find(|name| name.package == package && name.interface == interface)
        };
        if export("wasi:http", "handler").is_some()
            || export("wasi:http", "incoming-handler").is_some()
        {
            error.help(
                "this handler is of another version of WASI (a release candidate?): \
                 build the guest against WASI 0.2 or 0.3",
            )
        } else if let Some(run) = export("wasi:cli", "run") {
            error.help(how_to_run(&run))
        } else {
            error.help("export the handler: `compat_api::http::service::export!(…)` in the guest")
        }
    }

    /// Whether an engine must know component-model-async for this component's own interfaces.
    pub fn mentions_native(&self) -> bool {
        let names = self.imports.iter().chain(&self.exports);
        names
            .filter_map(|name| InterfaceName::parse(name))
            .any(|name| {
                name.package.starts_with("wasi:")
                    && !name.is_split()
                    && name
                        .version
                        .is_some_and(|version| (version.major, version.minor) == (0, 3))
            })
    }
}

/// What can run a command that exports `run`, in this version.
fn how_to_run(run: &InterfaceName<'_>) -> &'static str {
    let Some(version) = &run.version else {
        return "this is a command, not a server, of no version of WASI: build it against WASI 0.2 or 0.3";
    };
    match (version.major, version.minor) {
        (0, 2 | 3) if version.pre.is_empty() || run.is_split() => {
            "this is a command, not a server: run it with `polyfill-host run`"
        }
        _ => {
            "this is a command, not a server, of another version of WASI (a release candidate?): \
             build it against WASI 0.2 or 0.3"
        }
    }
}

enum Unreadable {
    CoreModule,
    Malformed(wasmparser::BinaryReaderError),
}

impl Unreadable {
    fn malformed(error: wasmparser::BinaryReaderError) -> Self {
        Unreadable::Malformed(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exporting(names: &[&str]) -> Shape {
        Shape {
            imports: Vec::new(),
            exports: names.iter().map(|name| name.to_string()).collect(),
        }
    }

    #[test]
    fn each_handler_has_its_abi() {
        let path = Path::new("app.wasm");
        for (name, abi) in [
            ("wasi:http/handler@0.3.2-isyswasfa", Abi::Split),
            ("wasi:http/handler@0.3.0", Abi::Native),
            ("wasi:http/handler@0.3.2", Abi::Native),
            ("wasi:http/incoming-handler@0.2.0", Abi::Plain),
            ("wasi:http/incoming-handler@0.2.12", Abi::Plain),
        ] {
            assert_eq!(exporting(&[name]).http_abi(path), Ok(abi), "{name}");
        }
        let both = exporting(&[
            "wasi:http/incoming-handler@0.2.3",
            "wasi:http/handler@0.3.0-isyswasfa",
        ]);
        assert_eq!(both.http_abi(path), Ok(Abi::Split));
    }

    #[test]
    fn a_split_name_has_an_original() {
        let original = |name: &str| original_name(name).unwrap();
        assert_eq!(original("a:b/c@0.3.2-isyswasfa"), "a:b/c@0.3.2");
        assert_eq!(original("a:b/c@1.0.0-rc.1.isyswasfa"), "a:b/c@1.0.0-rc.1");
        assert_eq!(original("a:b/c@0.0.0-isyswasfa"), "a:b/c");
        assert_eq!(
            original("a:b/c@1.0.0-isyswasfa+build.7"),
            "a:b/c@1.0.0+build.7"
        );
        assert_eq!(original_name("a:b/c@1.0.0"), None);
    }

    #[test]
    fn other_exports_are_named() {
        let path = Path::new("app.wasm");
        let error = exporting(&["wasi:cli/run@0.2.6"])
            .http_abi(path)
            .unwrap_err();
        assert!(error.what().contains("it exports `wasi:cli/run@0.2.6`"));
        assert!(error.advice().unwrap().contains("command"));

        let error = exporting(&["wasi:http/handler@0.3.0-rc-2026-03-15"])
            .http_abi(path)
            .unwrap_err();
        assert!(error.advice().unwrap().contains("release candidate"));

        let error = exporting(&[]).http_abi(path).unwrap_err();
        assert!(error.what().contains("it exports nothing"));
    }

    #[test]
    fn a_command_is_told_what_can_run_it() {
        for (version, can) in [
            ("0.2.6", "run it with `polyfill-host run`"),
            ("0.3.0", "run it with `polyfill-host run`"),
            ("0.3.2-isyswasfa", "run it with `polyfill-host run`"),
            ("0.3.0-rc-2026-03-15", "a release candidate?"),
        ] {
            let error = exporting(&[&format!("wasi:cli/run@{version}")])
                .http_abi(Path::new("app.wasm"))
                .unwrap_err();
            assert!(error.advice().unwrap().contains(can), "{error}");
        }
    }

    #[test]
    fn nested_components_do_not_count() {
        let wasm = wat::parse_str(
            r#"(component
                (import "wasi:cli/environment@0.2.0" (instance))
                (component
                    (import "wasi:cli/stdout@0.2.0" (instance $i))
                    (export "wasi:http/incoming-handler@0.2.0" (instance $i)))
                (core module)
                (instance $own)
                (export "wasi:http/handler@0.3.0" (instance $own)))"#,
        )
        .unwrap();
        let shape = Shape::read(Path::new("app.wasm"), &wasm).unwrap();
        assert_eq!(shape.imports, ["wasi:cli/environment@0.2.0"]);
        assert_eq!(shape.exports, ["wasi:http/handler@0.3.0"]);
        assert!(shape.mentions_native());
    }

    #[test]
    fn what_is_no_component_is_said() {
        let path = Path::new("app.wasm");
        let read = |bytes: &[u8]| Shape::read(path, bytes).unwrap_err();
        assert!(read(b"").what().contains("an empty file"));
        assert!(read(b"#!/bin/sh").what().contains("not WebAssembly"));
        assert!(read(b"\x7fELF").what().contains("native code"));
        let module = wat::parse_str("(module)").unwrap();
        assert!(read(&module).what().contains("core WebAssembly module"));
        let component = wat::parse_str("(component (core module))").unwrap();
        let cut = &component[..component.len() - 3];
        assert!(read(cut).what().contains("not a valid component"));
    }
}
