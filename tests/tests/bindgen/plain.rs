//! A component of plain 0.2, without anything async: on an engine for split components, and on one for native ones.

use isyswasfa_tests::State;
use polyfill_host::engine::{EngineOptions, Features};
use wasmtime::Store;
use wasmtime::component::{Component, Linker};

polyfill_host::bindgen!({
    inline: "
        package test:plain@1.0.0;
        world plain {
          import triple: func(x: u32) -> u32;
          export calculate: func(x: u32) -> u32;
        }
    ",
});

const COMPONENT: &str = r#"(component
    (import "triple" (func $triple (param "x" u32) (result u32)))
    (core func $lowered (canon lower (func $triple)))
    (core module $m
        (import "" "triple" (func $triple (param i32) (result i32)))
        (func (export "calculate") (param i32) (result i32)
            (i32.add (call $triple (local.get 0)) (i32.const 1))))
    (core instance $i (instantiate $m (with "" (instance (export "triple" (func $lowered))))))
    (func (export "calculate") (param "x" u32) (result u32)
        (canon lift (core func $i "calculate"))))"#;

struct Host;

impl PlainImports for Host {
    fn triple(&self, x: u32) -> u32 {
        3 * x
    }
}

pub async fn check(features: Features) {
    let options = EngineOptions::unpooled();
    let engine = options.engine(features).unwrap();
    let component = Component::new(&engine, COMPONENT).unwrap();
    let mut linker = Linker::new(&engine);
    Plain::add_to_linker(&mut linker, |_: &mut State| Host).unwrap();
    let pre = PlainPre::new(&linker, &component).unwrap();
    for x in 0..3 {
        let store = Store::new(&engine, State::default());
        let instance = pre.instantiate_async(store).await.unwrap();
        assert_eq!(instance.call_calculate(x).await.unwrap(), 3 * x + 1);
    }
}
