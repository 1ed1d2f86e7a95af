//! Links the imports of components, and reports missing ones.

use super::error::{Kind, LoadError, MissingImport};
use crate::abi::{Abi, InterfaceName, Shape};
use crate::bridge::{
    self,
    section::{Bridge, is_label},
};
use crate::engine::Features;
use crate::guest::Guest;
use crate::options::GuestOptions;
use std::path::Path;
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, InstancePre, Linker};
use wasmtime::{Engine, StoreContextMut};

/// Versions of WASI to look for when an import of another version is missing.
const KNOWN_VERSIONS: [&str; 3] = ["0.3.2-isyswasfa", "0.3.0", "0.2.0"];

/// The versions in which wasmtime defines WASI. An import of another version that is compatible is linked to them.
const WASMTIME_VERSIONS: [&str; 2] = [WASMTIME_P3, WASMTIME_P2];
const WASMTIME_P3: &str = "0.3.0";
const WASMTIME_P2: &str = "0.2.12";

/// The name of `wasi:http/types` in a version.
fn http_types(version: &str) -> String {
    format!("wasi:http/types@{version}")
}

/// Everything that guests may import: WASI 0.2 and, on an engine that understands it, WASI 0.3 beside it.
fn linker(
    engine: &Engine,
    features: Features,
    options: &GuestOptions,
) -> wasmtime::Result<Linker<Guest>> {
    let mut linker = Linker::new(engine);
    add_p2(&mut linker, options)?;
    if features == Features::Async && options.p3 {
        if options.cli {
            wasmtime_wasi::p3::add_to_linker(&mut linker)?;
        } else {
            wasmtime_wasi::p3::cli::add_to_linker(&mut linker)?;
            wasmtime_wasi::p3::clocks::add_to_linker(&mut linker)?;
            wasmtime_wasi::p3::random::add_to_linker(&mut linker)?;
        }
        if options.http {
            wasmtime_wasi_http::p3::add_to_linker(&mut linker)?;
            crate::guest::count_p3(&mut linker, &http_types(WASMTIME_P3))?;
        }
    }
    Ok(linker)
}

/// Everything that a split component may import: `isyswasfa:core`, WASI 0.3 as split, and WASI 0.2 beside it. The linker
/// depends on the component, since it has the component's own pipes.
fn split_linker(component: &Component, options: &GuestOptions) -> wasmtime::Result<Linker<Guest>> {
    let mut linker = Linker::new(component.engine());
    if options.p3 {
        crate::wasi::add_to_linker(&mut linker)?;
    } else {
        crate::wasi::add_core_to_linker(&mut linker)?;
    }
    if options.http && options.p3 {
        crate::http::add_to_linker(&mut linker)?;
    }
    crate::wasi::add_value_pipes(&mut linker, component)?;
    add_p2(&mut linker, options)?;
    Ok(linker)
}

/// Everything that a component of an ABI may import, on an engine of these features.
///
/// # Errors
/// If WASI cannot be linked.
pub(super) fn linker_for(
    component: &Component,
    abi: Abi,
    features: Features,
    options: &GuestOptions,
) -> Result<Linker<Guest>, LoadError> {
    let linker = match abi {
        Abi::Split => split_linker(component, options),
        Abi::Native | Abi::Plain => linker(component.engine(), features, options),
    };
    linker.map_err(LoadError::Wasi)
}

/// WASI 0.2, which components of every ABI may import.
fn add_p2(linker: &mut Linker<Guest>, options: &GuestOptions) -> wasmtime::Result<()> {
    if options.cli {
        wasmtime_wasi::p2::add_to_linker_async(linker)?;
    } else {
        wasmtime_wasi::p2::add_to_linker_proxy_interfaces_async(linker)?;
    }
    if options.http {
        wasmtime_wasi_http::p2::add_only_http_to_linker_async(linker)?;
        crate::guest::count_p2(linker, &http_types(WASMTIME_P2))?;
    }
    Ok(())
}

/// Links `component` with the linker's items, and with the islands behind the component's bridges.
///
/// # Errors
/// If the linker lacks an import: the error names each missing import, and the version of it that is there.
pub(super) fn instantiate_pre<'a>(
    linker: &mut Linker<Guest>,
    component: &Component,
    shape: &Shape,
    path: &Path,
    bridges: impl Iterator<Item = &'a Bridge>,
) -> Result<InstancePre<Guest>, LoadError> {
    bridge::add_to_linker(linker, component, bridges).map_err(|reason| LoadError::Bridges {
        path: path.to_owned(),
        reason,
    })?;
    linker.instantiate_pre(component).map_err(|reason| {
        let path = path.to_owned();
        let missing = shape.imports.iter();
        let missing: Vec<_> = missing
            .filter(|name| is_needed(component, name) && !has_interface(linker, name))
            .map(|name| MissingImport {
                name: name.clone(),
                nearest: nearest(linker, name),
                kind: kind(name),
            })
            .collect();
        if missing.is_empty() {
            // All interfaces are there, so a function or type in one of them doesn't fit.
            LoadError::Unfit { path, reason }
        } else {
            LoadError::MissingImports { path, missing }
        }
    })
}

fn kind(import: &str) -> Kind {
    if is_label(import) {
        Kind::Bridge
    } else if InterfaceName::parse(import).is_some_and(|name| name.package.starts_with("wasi:")) {
        Kind::Wasi
    } else {
        Kind::Other
    }
}

/// Whether the component needs any item of the instance `name`. If not, a linker need not have the instance.
fn is_needed(component: &Component, name: &str) -> bool {
    let engine = component.engine();
    let imports = component.component_type();
    let Some(ComponentItem::ComponentInstance(instance)) =
        imports.get_import(engine, name).map(|import| import.ty)
    else {
        return false;
    };
    instance.exports(engine).any(|(_, export)| {
        matches!(
            export.ty,
            ComponentItem::ComponentFunc(_) | ComponentItem::Resource(_)
        )
    })
}

/// Whether the linker has an interface for an import of this name: the same version, or a compatible one of WASI.
fn has_interface(linker: &Linker<Guest>, name: &str) -> bool {
    is_defined(linker, name) || compatible(name).is_some_and(|name| is_defined(linker, &name))
}

/// Whether the linker has something of exactly this name. Its contents cannot be listed, but it refuses to define a name a
/// second time.
fn is_defined(linker: &Linker<Guest>, name: &str) -> bool {
    let mut linker = linker.clone();
    linker.allow_shadowing(false);
    let defined = linker
        .root()
        .func_wrap(name, |_: StoreContextMut<'_, Guest>, ()| Ok(()));
    defined.is_err()
}

/// The name that this interface has in wasmtime's version of WASI, if that is compatible.
fn compatible(name: &str) -> Option<String> {
    let name = InterfaceName::parse(name)?;
    let version = name.version.filter(|version| version.pre.is_empty())?;
    let track = format!("{}.{}.", version.major, version.minor);
    let ours = WASMTIME_VERSIONS
        .iter()
        .find(|version| version.starts_with(&track))?;
    Some(format!("{}/{}@{ours}", name.package, name.interface))
}

fn nearest(linker: &Linker<Guest>, name: &str) -> Option<String> {
    let name = InterfaceName::parse(name)?;
    KNOWN_VERSIONS
        .iter()
        .map(|version| format!("{}/{}@{version}", name.package, name.interface))
        .find(|known| has_interface(linker, known))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::EngineOptions;

    fn engine(features: Features) -> Engine {
        let options = EngineOptions::unpooled();
        options.engine(features).unwrap()
    }

    fn link(features: Features, options: &GuestOptions, source: &str) -> Result<(), LoadError> {
        let engine = engine(features);
        let mut linker = linker(&engine, features, options).unwrap();
        let wasm = wat::parse_str(source).unwrap();
        let path = Path::new("app.wasm");
        let shape = Shape::read(path, &wasm).unwrap();
        let component = Component::new(&engine, &wasm).unwrap();
        instantiate_pre(&mut linker, &component, &shape, path, [].into_iter()).map(drop)
    }

    #[test]
    fn both_versions_of_wasi_are_there_side_by_side() {
        let source = r#"(component
            (import "wasi:cli/environment@0.2.6" (instance))
            (import "wasi:sockets/tcp@0.2.0" (instance))
            (import "wasi:http/outgoing-handler@0.2.12" (instance))
            (import "wasi:cli/environment@0.3.0" (instance))
            (import "wasi:filesystem/types@0.3.2" (instance))
            (import "wasi:http/client@0.3.2" (instance)))"#;
        link(Features::Async, &GuestOptions::default(), source).unwrap();
    }

    #[test]
    fn each_missing_import_is_named_with_what_there_is_instead() {
        let source = r#"(component
            (import "wasi:http/types@0.3.0-rc-2026-03-15" (instance
                (export "fields" (type (sub resource)))))
            (import "wasi:cli/environment@0.2.0" (instance))
            (import "wasi:keyvalue/store@0.2.0-draft" (instance (export "open" (func)))))"#;
        let error = link(Features::Async, &GuestOptions::default(), source).unwrap_err();
        assert_eq!(
            error.to_string(),
            "`app.wasm` imports what this host does not have: \
             `wasi:http/types@0.3.0-rc-2026-03-15` (this host has `wasi:http/types@0.3.0`), \
             `wasi:keyvalue/store@0.2.0-draft`"
        );
        assert!(error.help().unwrap().contains("version of WASI"));

        let source = r#"(component (import "my:own/thing" (instance (export "f" (func)))))"#;
        let error = link(Features::Plain, &GuestOptions::default(), source).unwrap_err();
        assert!(error.help().unwrap().contains("compose"), "{error}");
    }

    #[test]
    fn a_function_that_is_missing_is_named() {
        for others in [
            "",
            r#"(export "get-arguments" (func (result (list string))))"#,
        ] {
            let source = format!(
                r#"(component (import "wasi:cli/environment@0.2.0" (instance
                    {others} (export "get-weather" (func (result string))))))"#
            );
            let error = link(Features::Plain, &GuestOptions::default(), &source).unwrap_err();
            assert!(error.to_string().contains("get-weather"), "{error}");
        }
    }

    #[test]
    fn the_versions_of_wasmtimes_own_wasi_are_known() {
        let linker = linker(
            &engine(Features::Async),
            Features::Async,
            &GuestOptions::default(),
        );
        let linker = linker.unwrap();
        for version in WASMTIME_VERSIONS {
            for interface in ["wasi:cli/environment", "wasi:http/types"] {
                let name = format!("{interface}@{version}");
                assert!(is_defined(&linker, &name), "there is no `{name}`");
            }
        }
        assert!(!is_defined(&linker, "wasi:cli/environment"));
        assert!(has_interface(&linker, "wasi:cli/environment@0.2.3"));
        assert!(!has_interface(&linker, "wasi:cli/environment@0.1.3"));
        assert!(!has_interface(&linker, "wasi:cli/environment@0.2.3-rc"));
    }

    #[test]
    fn interfaces_can_be_switched_off() {
        let options = GuestOptions {
            cli: false,
            p3: false,
            ..GuestOptions::default()
        };
        let source = r#"(component (import "wasi:filesystem/types@0.2.0"
            (instance (export "descriptor" (type (sub resource))))))"#;
        assert!(link(Features::Async, &options, source).is_err());
        let source = r#"(component (import "wasi:http/types@0.3.0"
            (instance (export "fields" (type (sub resource))))))"#;
        let error = link(Features::Async, &options, source).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("this host has `wasi:http/types@0.2.0`")
        );
        let source = r#"(component (import "wasi:cli/stdout@0.2.0" (instance)))"#;
        link(Features::Async, &options, source).unwrap();
    }
}
