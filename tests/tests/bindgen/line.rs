//! The case `round-trip`, as the documentation of polyfill-host has it.

use isyswasfa_tests::{Backend, State, guest};
use polyfill_host::embed;
use polyfill_host::engine::EngineOptions;
use std::time::Duration;
use wasmtime::Store;
use wasmtime::component::Linker;

polyfill_host::bindgen!({
    path: "../cases/round-trip/wit",
    world: "round-trip",
});

#[derive(Clone)]
struct Host;

impl cases::round_trip::line::Host for Host {
    async fn pass(&self, text: String) -> String {
        tokio::time::sleep(Duration::from_millis(10)).await;
        format!("{text} > host")
    }
}

pub async fn check(backend: Backend) {
    let wasm = std::fs::read(guest("round-trip", backend)).unwrap();
    let options = EngineOptions::unpooled();
    let engine = options.engine(embed::features(&wasm).unwrap()).unwrap();
    let component = embed::component(&engine, &wasm).unwrap();
    let mut linker = Linker::new(&engine);
    embed::add_wasi_to_linker(&mut linker).unwrap();
    RoundTrip::add_to_linker(&mut linker, |_: &mut State| Host).unwrap();
    let store = Store::new(&engine, State::default());
    let instantiated = RoundTrip::instantiate_async(store, &component, &linker);
    let guest = instantiated.await.unwrap();
    let line = guest.cases_round_trip_line();
    let (one, two) = tokio::join!(line.call_pass("one".into()), line.call_pass("two".into()));
    assert_eq!(one.unwrap(), "one > guest > host < guest");
    assert_eq!(two.unwrap(), "two > guest > host < guest");
}
