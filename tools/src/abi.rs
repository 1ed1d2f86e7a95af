//! Determines the ABI of a component from its imports and exports, without compiling it.

use crate::Advice;
use crate::artifact::Error;
use crate::cause::list;
use isyswasfa_wit::names::{CLI_RUN, HTTP_HANDLER, HTTP_INCOMING_HANDLER, is_split};
use serde::{Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;
use std::path::Path;
use wasmparser::{ComponentExternalKind, Encoding, Parser, Payload, Validator, WasmFeatures};

pub use isyswasfa_wit::names::InterfaceName;

/// The three ABIs in which components call each other and serve HTTP.
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
    /// The name of the ABI in machine-readable output.
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

/// The ABI of an interface of WASI, by its version; `None` if the interface is of another package, or of another version of
/// WASI.
pub fn wasi_abi(name: &InterfaceName<'_>) -> Option<Abi> {
    let version = name.version.as_ref()?;
    match (version.major, version.minor) {
        _ if !name.package.starts_with("wasi:") => None,
        (0, 3) if name.is_split() => Some(Abi::Split),
        (0, 3) if version.pre.is_empty() => Some(Abi::Native),
        (0, 2) if version.pre.is_empty() => Some(Abi::Plain),
        _ => None,
    }
}

/// The ABI of a component that exports this interface, if it is an HTTP handler.
fn http_abi(name: &InterfaceName<'_>) -> Option<Abi> {
    let abi = wasi_abi(name)?;
    let handler = match abi {
        Abi::Split | Abi::Native => HTTP_HANDLER,
        Abi::Plain => HTTP_INCOMING_HANDLER,
    };
    name.is(handler).then_some(abi)
}

/// The names that a component imports and exports at its outermost level.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Shape {
    /// Interfaces and functions that the component needs, in its own order.
    pub imports: Vec<String>,
    /// Interfaces and functions that the component provides; types are left out.
    pub exports: Vec<String>,
}

impl Shape {
    /// Reads the shape of the component in `wasm`. `path` is only for messages.
    ///
    /// # Errors
    /// If `wasm` is not the binary of a component: the error says what it is.
    pub fn read(path: &Path, wasm: &[u8]) -> Result<Self, Error> {
        let file = || path.display().to_string();
        if wasm.starts_with(b"\x7fELF") {
            return Err(Error::NativeCode { file: file() });
        }
        if wasm.is_empty() {
            return Err(Error::Empty { file: file() });
        }
        if !wasm.starts_with(b"\0asm") {
            return Err(Error::NotWasm { file: file() });
        }
        Self::parse(wasm).map_err(|reason| match reason {
            Unreadable::CoreModule => Error::CoreModule { file: file() },
            Unreadable::Malformed(reason) => Error::Malformed {
                file: file(),
                reason,
            },
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

    /// The ABI through which this component serves HTTP. If a component exports several handlers, the newest version is used,
    /// and the split form is preferred to the native one.
    ///
    /// # Errors
    /// If it exports no handler: the error lists its exports. `path` is only for messages.
    pub fn http_abi(&self, path: &Path) -> Result<Abi, NoHandler> {
        let abis = || {
            let names = self.exports.iter();
            names.filter_map(|name| http_abi(&InterfaceName::parse(name)?))
        };
        for wanted in [Abi::Split, Abi::Native, Abi::Plain] {
            if abis().any(|abi| abi == wanted) {
                return Ok(wanted);
            }
        }
        Err(NoHandler {
            file: path.display().to_string(),
            exports: self.exports.clone(),
        })
    }

    /// Whether this component has the split ABI: whether [any name](is_split) of its imports and exports shows it.
    pub fn is_split(&self) -> bool {
        self.names().any(|name| is_split(name))
    }

    /// All imports and exports.
    fn names(&self) -> impl Iterator<Item = &String> {
        self.imports.iter().chain(&self.exports)
    }

    /// The ABI in which this component, whose binary is `wasm`, calls others. Split if any import or export is split; native if
    /// an engine needs component-model-async for it; otherwise plain, which works with both.
    pub fn abi(&self, wasm: &[u8]) -> Abi {
        if self.is_split() {
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

    /// Whether this component's interfaces need an engine with component-model-async.
    pub fn mentions_native(&self) -> bool {
        self.names()
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

/// A component exports no HTTP handler.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{file}` exports no HTTP handler; {}, but `wasi:http/handler@0.3.x`, \
     `wasi:http/handler@0.3.x-isyswasfa` or `wasi:http/incoming-handler@0.2.x` was expected",
    exported(.exports)
)]
#[non_exhaustive]
pub struct NoHandler {
    /// The component's name: its file.
    pub file: String,
    /// The component's exports.
    pub exports: Vec<String>,
}

/// The exports, as a sentence.
fn exported(exports: &[String]) -> String {
    if exports.is_empty() {
        "it exports nothing".to_owned()
    } else {
        format!("it exports {}", list(exports))
    }
}

impl Advice for NoHandler {
    fn help(&self) -> Option<Cow<'_, str>> {
        let export = |path: &str| {
            let names = self.exports.iter();
            names
                .filter_map(|name| InterfaceName::parse(name))
                .find(|name| name.is(path))
        };
        let help = if export(HTTP_HANDLER).is_some() || export(HTTP_INCOMING_HANDLER).is_some() {
            "this handler is of another version of WASI (a release candidate?): \
             build the guest against WASI 0.2 or 0.3"
        } else if let Some(run) = export(CLI_RUN) {
            how_to_run(&run)
        } else {
            "export the handler: `compat_api::http::service::export!(…)` in the guest"
        };
        Some(help.into())
    }
}

/// How to run a command that exports `run` in this version.
fn how_to_run(run: &InterfaceName<'_>) -> &'static str {
    if run.version.is_none() {
        return "this is a command, not a server, of no version of WASI: build it against WASI 0.2 or 0.3";
    }
    match wasi_abi(run) {
        Some(_) => "this is a command, not a server: run it with `polyfill-host run`",
        None => {
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
    fn an_error_lists_other_exports() {
        let path = Path::new("app.wasm");
        let error = exporting(&["wasi:cli/run@0.2.6"])
            .http_abi(path)
            .unwrap_err();
        assert!(
            error
                .to_string()
                .contains("it exports `wasi:cli/run@0.2.6`")
        );
        assert!(error.help().unwrap().contains("command"));

        let error = exporting(&["wasi:http/handler@0.3.0-rc-2026-03-15"])
            .http_abi(path)
            .unwrap_err();
        assert!(error.help().unwrap().contains("release candidate"));

        let error = exporting(&[]).http_abi(path).unwrap_err();
        assert!(error.to_string().contains("it exports nothing"));
    }

    #[test]
    fn an_error_says_what_can_run_a_command() {
        for (version, can) in [
            ("0.2.6", "run it with `polyfill-host run`"),
            ("0.3.0", "run it with `polyfill-host run`"),
            ("0.3.2-isyswasfa", "run it with `polyfill-host run`"),
            ("0.3.0-rc-2026-03-15", "a release candidate?"),
        ] {
            let error = exporting(&[&format!("wasi:cli/run@{version}")])
                .http_abi(Path::new("app.wasm"))
                .unwrap_err();
            assert!(error.help().unwrap().contains(can), "{error}");
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
    fn an_error_says_what_a_file_is() {
        let path = Path::new("app.wasm");
        let read = |bytes: &[u8]| Shape::read(path, bytes).unwrap_err();
        assert!(read(b"").to_string().contains("an empty file"));
        assert!(read(b"#!/bin/sh").to_string().contains("not WebAssembly"));
        assert!(read(b"\x7fELF").to_string().contains("native code"));
        let module = wat::parse_str("(module)").unwrap();
        assert!(
            read(&module)
                .to_string()
                .contains("core WebAssembly module")
        );
        let component = wat::parse_str("(component (core module))").unwrap();
        let cut = &component[..component.len() - 3];
        assert!(read(cut).to_string().contains("not a valid component"));
    }
}
