//! Gives native and 0.2 components what they import, and says what they import that is not there.

use super::guest::{Guest, SplitGuest};
use crate::abi::{InterfaceName, Shape};
use crate::bad_input::BadInput;
use crate::options::{Features, GuestOptions};
use std::path::Path;
use wasmtime::Engine;
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{Component, InstancePre, Linker};

/// Versions of WASI that are looked for when an import of another version is not there.
const KNOWN_VERSIONS: [&str; 3] = ["0.3.2-isyswasfa", "0.3.0", "0.2.0"];

/// Everything that guests may import: WASI 0.2 and, on an engine that understands it, WASI 0.3 beside it.
pub(super) fn linker(
    engine: &Engine,
    features: Features,
    options: &GuestOptions,
) -> wasmtime::Result<Linker<Guest>> {
    let mut linker = Linker::new(engine);
    if options.cli {
        wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    } else {
        wasmtime_wasi::p2::add_to_linker_proxy_interfaces_async(&mut linker)?;
    }
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
    if features == Features::Async && options.p3 {
        if options.cli {
            wasmtime_wasi::p3::add_to_linker(&mut linker)?;
        } else {
            wasmtime_wasi::p3::cli::add_to_linker(&mut linker)?;
            wasmtime_wasi::p3::clocks::add_to_linker(&mut linker)?;
            wasmtime_wasi::p3::random::add_to_linker(&mut linker)?;
        }
        wasmtime_wasi_http::p3::add_to_linker(&mut linker)?;
        super::stdio::add_to_linker(&mut linker)?;
    }
    Ok(linker)
}

/// Everything that a split component may import: `isyswasfa:core`, WASI 0.3 as split, and WASI 0.2
/// beside it. It depends on the component, whose own pipes it has.
pub(super) fn split_linker(
    component: &Component,
    options: &GuestOptions,
) -> wasmtime::Result<Linker<SplitGuest>> {
    let mut linker = Linker::new(component.engine());
    crate::wasi::add_to_linker(&mut linker)?;
    crate::http::add_to_linker(&mut linker)?;
    crate::pipes::add_value_pipes(&mut linker, component)?;
    if options.cli {
        wasmtime_wasi::p2::add_to_linker_async(&mut linker)?;
    } else {
        wasmtime_wasi::p2::add_to_linker_proxy_interfaces_async(&mut linker)?;
    }
    wasmtime_wasi_http::p2::add_only_http_to_linker_async(&mut linker)?;
    Ok(linker)
}

/// Links `component` with what the linker has.
///
/// # Errors
/// If it imports what the linker hasn't: names each such import, and the version of it that is there.
pub(crate) fn instantiate_pre<T>(
    linker: &Linker<T>,
    component: &Component,
    shape: &Shape,
    path: &Path,
) -> Result<InstancePre<T>, BadInput>
where
    T: 'static,
{
    linker.instantiate_pre(component).map_err(|error| {
        let missing: Vec<&str> = shape
            .imports
            .iter()
            .map(String::as_str)
            .filter(|name| !has_instance(linker, name, &items(component, name)))
            .collect();
        let file = path.display();
        if missing.is_empty() {
            // All interfaces are there: it is a function or a type of one that doesn't fit.
            return BadInput::new(format!(
                "`{file}` imports something that this host does not have: {}",
                error
                    .chain()
                    .map(|cause| cause.to_string())
                    .collect::<Vec<_>>()
                    .join(": ")
            ))
            .help("build the guest against the interfaces of WASI 0.2 or 0.3 as published");
        }
        let described: Vec<_> = missing
            .iter()
            .map(
                |name| match nearest(linker, name, &items(component, name)) {
                    Some(near) => format!("`{name}` (this host has `{near}`)"),
                    None => format!("`{name}`"),
                },
            )
            .collect();
        BadInput::new(format!(
            "`{file}` imports what this host does not have: {}",
            described.join(", ")
        ))
        .help(advice(&missing))
    })
}

fn advice(missing: &[&str]) -> &'static str {
    if missing.iter().any(|name| {
        InterfaceName::parse(name).is_some_and(|name| name.package.starts_with("wasi:"))
    }) {
        "build the guest against a version of WASI that this host has, or switch the interfaces on \
         (`-S cli=y`, `-S p3=y`)"
    } else {
        "compose the component with one that provides these imports (`wac plug`)"
    }
}

/// What the component wants of the instance `name`: functions and resources, each as a probe's text.
fn items(component: &Component, name: &str) -> Vec<String> {
    let engine = component.engine();
    let imports = component.component_type();
    let Some(ComponentItem::ComponentInstance(instance)) =
        imports.get_import(engine, name).map(|import| import.ty)
    else {
        return Vec::new();
    };
    instance
        .exports(engine)
        .filter_map(|(name, export)| match export.ty {
            ComponentItem::ComponentFunc(_) if !name.starts_with('[') => {
                Some(format!("(export {name:?} (func))"))
            }
            ComponentItem::Resource(_) => Some(format!("(export {name:?} (type (sub resource)))")),
            _ => None,
        })
        .collect()
}

/// Whether the linker has an instance of this name with any of `items` in it, whatever their types. A linker's contents
/// cannot be listed: a component that imports nothing else is linked, and wasmtime says whether it misses anything.
fn has_instance<T: 'static>(linker: &Linker<T>, name: &str, items: &[String]) -> bool {
    let has = |item: &String| {
        let probe = format!("(component (import {name:?} (instance {item})))");
        match Component::new(linker.engine(), probe).map(|probe| linker.instantiate_pre(&probe)) {
            Ok(Err(error)) => !error.root_cause().to_string().contains("is missing"),
            Ok(Ok(_)) => true,
            Err(_) => false,
        }
    };
    items.is_empty() || items.iter().any(has)
}

fn nearest<T: 'static>(linker: &Linker<T>, name: &str, items: &[String]) -> Option<String> {
    let name = InterfaceName::parse(name)?;
    KNOWN_VERSIONS
        .iter()
        .map(|version| format!("{}/{}@{version}", name.package, name.interface))
        .find(|known| has_instance(linker, known, items))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::EngineOptions;

    fn link(features: Features, options: &GuestOptions, source: &str) -> Result<(), BadInput> {
        let engine_options = EngineOptions {
            cache: false,
            pooling_allocator: Some(false),
            ..EngineOptions::default()
        };
        let engine = engine_options.engine(features).unwrap();
        let linker = linker(&engine, features, options).unwrap();
        let wasm = wat::parse_str(source).unwrap();
        let path = Path::new("app.wasm");
        let shape = Shape::read(path, &wasm).unwrap();
        let component = Component::new(&engine, &wasm).unwrap();
        instantiate_pre(&linker, &component, &shape, path).map(drop)
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
            error.what(),
            "`app.wasm` imports what this host does not have: \
             `wasi:http/types@0.3.0-rc-2026-03-15` (this host has `wasi:http/types@0.3.0`), \
             `wasi:keyvalue/store@0.2.0-draft`"
        );
        assert!(error.advice().unwrap().contains("version of WASI"));

        let source = r#"(component (import "my:own/thing" (instance (export "f" (func)))))"#;
        let error = link(Features::Plain, &GuestOptions::default(), source).unwrap_err();
        assert!(error.advice().unwrap().contains("compose"), "{error}");
    }

    #[test]
    fn a_function_that_is_missing_is_named() {
        let source = r#"(component
            (import "wasi:cli/environment@0.2.0" (instance
                (export "get-arguments" (func (result (list string))))
                (export "get-weather" (func (result string))))))"#;
        let error = link(Features::Plain, &GuestOptions::default(), source).unwrap_err();
        assert!(error.what().contains("get-weather"), "{error}");
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
                .what()
                .contains("this host has `wasi:http/types@0.2.0`")
        );
        let source = r#"(component (import "wasi:cli/stdout@0.2.0" (instance)))"#;
        link(Features::Async, &options, source).unwrap();
    }
}
