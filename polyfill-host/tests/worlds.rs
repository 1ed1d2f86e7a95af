//! What the library defines has the names and types that the split gives WASI 0.3.

mod support;

use polyfill_host::http;
use support::*;
use wasmtime::component::Component;
use wasmtime::component::types::ComponentItem;
use wit_component::dummy_module;
use wit_parser::{LiftLowerAbi, ManglingAndAbi, Resolve};

/// The whole world of HTTP services can be linked, instantiated and, in a fashion, run.
#[tokio::test]
async fn a_service_finds_all_its_imports() {
    let engine = engine();
    let resolve = split_worlds("service");
    let world = world(&resolve, "service");
    let module = dummy_module(&resolve, world, ManglingAndAbi::Legacy(LiftLowerAbi::Sync));
    let component = Component::new(&engine, encode(&resolve, world, module)).unwrap();
    assert!(http::Handler::<State>::is_exported(&component));
    let pre = link(linker(&engine), &component).unwrap();
    pre.instantiate(store(&engine)).await.unwrap();
}

/// Every function of `isyswasfa:core` is defined, with the type that it has in the WIT: wasmtime compares them when it links.
#[test]
fn the_core_has_the_functions_of_its_wit() {
    let engine = engine();
    let mut resolve = Resolve::default();
    resolve.push_str("io.wit", isyswasfa_wit::IO_WIT).unwrap();
    resolve
        .push_str("core.wit", isyswasfa_wit::CORE_WIT)
        .unwrap();
    let world = world(&resolve, "imports");
    let module = dummy_module(&resolve, world, ManglingAndAbi::Legacy(LiftLowerAbi::Sync));
    let component = Component::new(&engine, encode(&resolve, world, module)).unwrap();
    let functions: usize = component
        .component_type()
        .imports(&engine)
        .map(|(_, import)| match import.ty {
            ComponentItem::ComponentInstance(interface) => interface
                .exports(&engine)
                .filter(|(_, item)| matches!(item.ty, ComponentItem::ComponentFunc(_)))
                .count(),
            _ => 0,
        })
        .sum();
    let wit = isyswasfa_wit::CORE_WIT;
    assert!(functions >= wit.matches(": func(").count(), "{functions}");
    link(linker(&engine), &component).unwrap();
}
