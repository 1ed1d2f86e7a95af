//! What the library defines has the names and types that the split gives WASI 0.3.

mod support;

use polyfill_host::http;
use support::*;
use wasmtime::component::Component;
use wit_component::dummy_module;
use wit_parser::{LiftLowerAbi, ManglingAndAbi};

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
