//! Guests that break the rules of the split ABI: each trap says which one, and nobody sees what is another's.

mod support;

use std::path::Path;

use polyfill_host::compose::{Part, Plug, compose};
use polyfill_host::split::async_imports;
use support::{State, encode, engine, linker, store, with_core, world};
use wasmtime::Engine;
use wasmtime::component::{Component, Linker};

/// The attacks in the order of the table in `attacker.wat`, and what comes of each.
const ATTACKS: &[(&str, &str)] = &[
    (
        "result before it is done",
        "the result of task 0 was asked of `other`, but it is not done",
    ),
    (
        "result of another function",
        "the result of task 0 was asked of `other`, but it is a task of `one`",
    ),
    ("result twice", "unknown handle index"),
    ("forged handle", "unknown handle index 77"),
    (
        "result of the host before it is done",
        "the result of task 0 was asked of the host, but it is not done",
    ),
    (
        "guest's task for the host",
        "the result of task 0 was asked of the host, but it is a task of another component",
    ),
    (
        "host's task for a guest",
        "the result of task 1 was asked of `one`, but it is a task of another component",
    ),
    (
        "finish another's",
        "the result of task 0 was asked of `attack`, but it is a task of another component",
    ),
    ("complete another's", "task 0 is not the component's own"),
    ("complete twice", "task 0 was completed twice"),
    (
        "another's function",
        "2 is not the number of a function of the component",
    ),
    ("guessed key", "not a component key"),
    ("guessed mailbox", "not a mailbox"),
    ("key as mailbox", "not a mailbox"),
    ("mailbox as key", "not a component key"),
    ("unknown child", "no component has the number 9"),
    ("large token", "1073741824 is not below 2^30"),
    ("large key", "1073741824 is not below 2^30"),
    ("events of another", "not a component key"),
];

/// A linker in which the host has a function `one` too, which is never done.
fn linker_with_one(engine: &Engine) -> Linker<State> {
    let mut linker = linker(engine);
    let mut victim = async_imports(&mut linker, "other-victim").unwrap();
    victim
        .func("one", |_, ()| async {
            std::future::pending::<()>().await;
            Ok((0u32,))
        })
        .unwrap();
    linker
}

#[tokio::test]
async fn each_attack_traps_and_says_why() {
    let wit = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/guests");
    let resolve = with_core(&std::fs::read_to_string(wit.join("misuse.wit")).unwrap());
    let build = |name: &str, file: &str| {
        let module = wat::parse_file(wit.join(file)).unwrap();
        Part::new(name, encode(&resolve, world(&resolve, name), module)).unwrap()
    };
    let victim = Plug {
        part: build("callee", "victim.wat"),
        imports: vec![],
    };
    let composed = compose(build("caller", "attacker.wat"), vec![victim]).unwrap();
    let engine = engine();
    let component = Component::new(&engine, composed.wasm).unwrap();
    let linker = linker_with_one(&engine);
    for (how, (attack, expected)) in (0..).zip(ATTACKS) {
        let mut store = store(&engine);
        // A second is enough.
        store.set_epoch_deadline(100);
        let instance = linker.instantiate_async(&mut store, &component).await;
        let instance = instance.unwrap();
        let func = instance.get_typed_func::<(u32,), ()>(&mut store, "attack");
        let error = func.unwrap().call_async(&mut store, (how,)).await;
        let said = format!("{:#}", error.unwrap_err());
        assert!(said.contains(expected), "{attack}: {said}");
    }
}
