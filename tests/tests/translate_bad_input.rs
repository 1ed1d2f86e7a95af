//! What is no native component, or a damaged or hostile one: `translate` answers with an error of one sentence.

#[path = "../../tools/tests/mutation/mutate.rs"]
mod mutate;

use isyswasfa_tests::{Backend, Random, compose_files, guest, seeds};
use isyswasfa_translate::{Error, translate};
use std::fs;
use std::panic::catch_unwind;
use std::time::{Duration, Instant};

/// How many damaged components are tried.
const SEEDS: u64 = 60;

/// None of these components takes a hundredth of that, on a machine that does nothing else.
const TOO_LONG: Duration = Duration::from_secs(60);

/// Native guests: small ones with streams, resources and calls of all kinds, and a composition.
fn natives() -> Vec<Vec<u8>> {
    let names = [
        "round-trip",
        "service",
        "hash-all",
        "kinds-consumer",
        "cancel-consumer",
        "command",
    ];
    let guests = names.map(|name| fs::read(guest(name, Backend::Native)).unwrap());
    let mut natives = guests.to_vec();
    let (middleware, service) = (
        guest("middleware", Backend::Native),
        guest("service", Backend::Native),
    );
    natives.push(compose_files(&middleware, &[("", &service)]).unwrap());
    natives
}

/// Checks that what is no component that can be translated is refused, and well.
fn give(wasm: &[u8]) -> Result<(), String> {
    let begun = Instant::now();
    let translated = catch_unwind(|| translate(wasm)).map_err(|_| "it panics".to_owned())?;
    if begun.elapsed() > TOO_LONG {
        return Err("it takes too long".to_owned());
    }
    match translated {
        Err(error @ Error::Internal(_)) => Err(error.to_string()),
        Err(error) if error.to_string().contains('\n') => Err(format!("several lines: {error}")),
        _ => Ok(()),
    }
}

#[test]
fn damaged_components_are_refused() {
    let natives = natives();
    let mut failed = Vec::new();
    for seed in seeds(SEEDS) {
        let mut random = Random::new(seed);
        let from = random.below(natives.len());
        let wasm = mutate::mutate(&natives[from], &mut random);
        if let Err(failure) = give(&wasm) {
            failed.push(format!("seed {seed}: {failure}"));
        }
    }
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}

fn refused(component: &[u8], why: &str) {
    let error = translate(component).expect_err("it is refused");
    assert!(error.to_string().contains(why), "{error}");
    give(component).unwrap();
}

#[test]
fn what_is_nested_too_deeply_is_refused() {
    let mut component = wasm_encoder::Component::new().finish();
    for _ in 0..5_000 {
        let mut outer = wasm_encoder::Component::new();
        outer.section(&wasm_encoder::RawSection {
            id: wasm_encoder::ComponentSectionId::Component.into(),
            data: &component,
        });
        component = outer.finish();
    }
    refused(&component, "nested");
}

#[test]
fn hostile_types_are_refused() {
    // A list whose every element would be a parameter of its own.
    let list = r#"(component
      (core func $return (canon task.return))
      (core module $main (func (export "f") (param i32) (result i32) unreachable)
        (func (export "callback") (param i32 i32 i32) (result i32) unreachable) (memory (export "memory") 1)
        (func (export "realloc") (param i32 i32 i32 i32) (result i32) unreachable))
      (core instance $main (instantiate $main))
      (func $f async (param "n" (list u8 200000000))
        (canon lift (core func $main "f") (memory (core memory $main "memory"))
          (realloc (core func $main "realloc")) async (callback (core func $main "callback"))))
      (export "f" (func $f)))"#;
    refused(&wat::parse_str(list).unwrap(), "more than 10000 elements");
}
