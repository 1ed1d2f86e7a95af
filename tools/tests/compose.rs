//! Tests of `compose` with small components, and of its refusals.

use isyswasfa_tools::Advice;
use isyswasfa_tools::abi::Shape;
use isyswasfa_tools::compose::{Error, Part, Plug, compose};
use std::fmt::Write;
use std::path::Path;
use wasmtime::component::{Component, Linker};
use wasmtime::{Engine, Store};

/// A component whose imports and exports each have one function, `get`. It answers how often it was called in this instance,
/// and the sum of what the imports answer. An `export` without a colon is that function itself.
fn part(file: &str, imports: &[&str], exports: &[&str]) -> Part {
    let mut text = String::from("(component\n");
    let (mut calls, mut needs, mut given) = (String::new(), String::new(), String::new());
    for (number, import) in imports.iter().enumerate() {
        writeln!(
            text,
            r#"(import "{import}" (instance $i{number} (export "get" (func (result u32)))))
               (core func $f{number} (canon lower (func $i{number} "get")))"#
        )
        .unwrap();
        write!(
            needs,
            r#"(import "" "{number}" (func $f{number} (result i32)))"#
        )
        .unwrap();
        write!(given, r#"(export "{number}" (func $f{number}))"#).unwrap();
        write!(calls, "call $f{number} i32.add ").unwrap();
    }
    writeln!(
        text,
        r#"(core module $m {needs}
             (global $count (mut i32) (i32.const 0))
             (func (export "get") (result i32)
               (global.set $count (i32.add (global.get $count) (i32.const 1)))
               global.get $count {calls}))
           (core instance $m (instantiate $m (with "" (instance {given}))))
           (func $get (result u32) (canon lift (core func $m "get")))
           (instance $own (export "get" (func $get)))"#
    )
    .unwrap();
    for export in exports {
        let what = if export.contains(':') {
            "(instance $own)"
        } else {
            "(func $get)"
        };
        writeln!(text, r#"(export "{export}" {what})"#).unwrap();
    }
    text.push(')');
    Part::new(file, wat::parse_str(text).unwrap()).unwrap()
}

fn plug(imports: &[&str], part: Part) -> Plug {
    let imports = imports.iter().map(|name| name.to_string()).collect();
    Plug { part, imports }
}

/// The result of the composition's `run`.
fn run(main: Part, plugs: Vec<Plug>) -> u32 {
    let composed = compose(main, plugs).unwrap_or_else(|error| panic!("{error}"));
    let engine = Engine::default();
    let component = Component::new(&engine, composed.wasm).unwrap();
    let mut store = Store::new(&engine, ());
    let instance = Linker::new(&engine)
        .instantiate(&mut store, &component)
        .unwrap();
    let run = instance
        .get_typed_func::<(), (u32,)>(&mut store, "run")
        .unwrap();
    run.call(&mut store, ()).unwrap().0
}

fn refused(main: Part, plugs: Vec<Plug>) -> Error {
    let error = compose(main, plugs).expect_err("it composes");
    assert!(error.help().is_some(), "{error}");
    assert!(!error.to_string().contains('\n'), "{error}");
    error
}

#[test]
fn a_chain_is_written_from_the_outside_to_the_inside() {
    let sum = run(
        part("main.wasm", &["t:t/x@1.0.0"], &["run"]),
        vec![
            plug(&[], part("x.wasm", &["t:t/y@1.0.0"], &["t:t/x@1.0.0"])),
            plug(&[], part("y.wasm", &[], &["t:t/y@1.0.0"])),
        ],
    );
    assert_eq!(sum, 3);
}

#[test]
fn a_chain_of_one_interface() {
    let middle = || plug(&[], part("middle.wasm", &["t:t/x@1.0.0"], &["t:t/x@1.0.0"]));
    let sum = run(
        part("main.wasm", &["t:t/x@1.0.0"], &["run"]),
        vec![
            middle(),
            middle(),
            plug(&[], part("last.wasm", &[], &["t:t/x@1.0.0"])),
        ],
    );
    assert_eq!(sum, 4);
}

#[test]
fn a_diamond_has_one_instance_at_its_end() {
    let sum = run(
        part("main.wasm", &["t:t/a@1.0.0", "t:t/b@1.0.0"], &["run"]),
        vec![
            plug(&[], part("a.wasm", &["t:t/end@1.0.0"], &["t:t/a@1.0.0"])),
            plug(&[], part("b.wasm", &["t:t/end@1.0.0"], &["t:t/b@1.0.0"])),
            plug(&[], part("end.wasm", &[], &["t:t/end@1.0.0"])),
        ],
    );
    // The end is called twice: 1 + 2.
    assert_eq!(sum, 1 + 1 + 1 + 3);
}

#[test]
fn a_component_twice_is_two_instances_of_one_component() {
    let leaf = || part("leaf.wasm", &[], &["t:t/leaf@1.0.0"]);
    let main = || part("main.wasm", &["one", "two"], &["run"]);
    let both = compose(main(), vec![plug(&["one", "two"], leaf())]).unwrap();
    let twice = || vec![plug(&["one"], leaf()), plug(&["two"], leaf())];
    assert_eq!(run(main(), vec![plug(&["one", "two"], leaf())]), 1 + 1 + 2);
    assert_eq!(run(main(), twice()), 1 + 1 + 1);
    // An instance more, but no component.
    let more = compose(main(), twice()).unwrap().wasm.len() - both.wasm.len();
    assert!(more < 100, "{more} bytes");
}

#[test]
fn the_only_label_needs_no_name() {
    let sum = run(
        part("main.wasm", &["one"], &["run"]),
        vec![plug(&[], part("leaf.wasm", &[], &["t:t/leaf@1.0.0"]))],
    );
    assert_eq!(sum, 2);
}

#[test]
fn open_imports_stay_imports() {
    let composed = compose(
        part(
            "main.wasm",
            &["t:t/x@1.0.0", "t:t/host@1.0.0"],
            &["run", "t:t/more@1.0.0"],
        ),
        vec![plug(
            &[],
            part(
                "x.wasm",
                &["t:t/host@1.0.0", "t:t/other@1.0.0"],
                &["t:t/x@1.0.0"],
            ),
        )],
    )
    .unwrap();
    let shape = Shape::read(Path::new("composed.wasm"), &composed.wasm).unwrap();
    let mut imports = shape.imports;
    imports.sort();
    assert_eq!(imports, ["t:t/host@1.0.0", "t:t/other@1.0.0"]);
    assert_eq!(shape.exports, ["run", "t:t/more@1.0.0"]);
}

#[test]
fn compatible_versions_compose() {
    for (import, export) in [
        ("t:t/x@1.0.0", "t:t/x@1.2.0"),
        ("t:t/x@0.3.2", "t:t/x@0.3.1"),
        ("t:t/x@0.3.1-isyswasfa", "t:t/x@0.3.2-isyswasfa"),
        ("t:t/x@0.3.2-isyswasfa", "t:t/x@0.3.1-isyswasfa"),
    ] {
        let main = part("main.wasm", &[import], &["run"]);
        let leaf = part("leaf.wasm", &[], &[export]);
        assert_eq!(run(main.clone(), vec![plug(&[], leaf.clone())]), 2);
        assert_eq!(run(main, vec![plug(&["x"], leaf)]), 2);
    }
}

#[test]
fn importers_of_two_patch_versions_share_one() {
    let composed = compose(
        part(
            "main.wasm",
            &["t:t/x@1.0.0", "t:t/host@0.3.1-isyswasfa"],
            &["run"],
        ),
        vec![plug(
            &[],
            part("x.wasm", &["t:t/host@0.3.2-isyswasfa"], &["t:t/x@1.0.0"]),
        )],
    );
    let shape = Shape::read(Path::new("composed.wasm"), &composed.unwrap().wasm).unwrap();
    assert_eq!(shape.imports, ["t:t/host@0.3.2-isyswasfa"]);
}

#[test]
fn a_plug_that_fits_no_import() {
    let main = || part("main.wasm", &["t:t/x@1.0.0"], &["run"]);
    let x = |file| plug(&[], part(file, &[], &["t:t/x@1.0.0"]));
    let error = refused(
        main(),
        vec![plug(&[], part("y.wasm", &[], &["t:t/y@1.0.0"]))],
    );
    assert_eq!(
        error.to_string(),
        "nothing takes `y.wasm`: it exports `t:t/y@1.0.0`, and `main.wasm` imports `t:t/x@1.0.0`"
    );
    let error = refused(main(), vec![x("x.wasm"), x("again.wasm")]);
    assert_eq!(
        error.to_string(),
        "nothing takes `again.wasm`: the import `t:t/x@1.0.0` of `main.wasm`, which it fits, is served by `x.wasm` already"
    );
    let error = refused(main(), vec![plug(&[], part("none.wasm", &[], &[]))]);
    assert_eq!(
        error.to_string(),
        "nothing takes `none.wasm`: it exports nothing, and `main.wasm` imports `t:t/x@1.0.0`"
    );
}

#[test]
fn a_version_that_is_not_compatible() {
    let error = refused(
        part("main.wasm", &["t:t/x@1.0.0"], &["run"]),
        vec![plug(&[], part("x.wasm", &[], &["t:t/x@2.0.0"]))],
    );
    assert_eq!(
        error.to_string(),
        "nothing takes `x.wasm`: it exports `t:t/x@2.0.0`, but `main.wasm` imports `t:t/x@1.0.0`, \
         a version that is not compatible"
    );
}

#[test]
fn a_name_that_no_import_has() {
    let main = || part("main.wasm", &["one"], &["run"]);
    let leaf = || part("leaf.wasm", &[], &["t:t/leaf@1.0.0"]);
    let error = refused(main(), vec![plug(&["three"], leaf())]);
    assert_eq!(
        error.to_string(),
        "no component has an import `three` for `leaf.wasm` to serve: `main.wasm` imports `one`"
    );
    let error = refused(main(), vec![plug(&["one"], leaf()), plug(&["one"], leaf())]);
    assert_eq!(
        error.to_string(),
        "nothing is left for `leaf.wasm` to serve: the import `one` of `main.wasm` is served by `leaf.wasm` already"
    );
    let late = part("late.wasm", &["t:t/leaf@1.0.0"], &["t:t/one@1.0.0"]);
    let error = refused(main(), vec![plug(&["leaf"], leaf()), plug(&["one"], late)]);
    assert_eq!(
        error.to_string(),
        "`leaf.wasm` comes before `late.wasm`, whose import `t:t/leaf@1.0.0` it was to serve"
    );
}

#[test]
fn an_ambiguous_plug() {
    let error = refused(
        part("main.wasm", &["one", "two", "t:t/x@1.0.0"], &["run"]),
        vec![plug(&[], part("leaf.wasm", &[], &["t:t/leaf@1.0.0"]))],
    );
    assert_eq!(
        error.to_string(),
        "`leaf.wasm` fits more than one import: `one`, `two` of `main.wasm`"
    );
    assert!(error.help().unwrap().contains("--plug one=leaf.wasm"));
    let error = refused(
        part("main.wasm", &["one"], &["run"]),
        vec![plug(
            &["one"],
            part("leaf.wasm", &[], &["t:t/x@1.0.0", "t:t/y@1.0.0"]),
        )],
    );
    assert_eq!(
        error.to_string(),
        "more than one export of `leaf.wasm` fits the import `one` of `main.wasm`: `t:t/x@1.0.0`, `t:t/y@1.0.0`"
    );
}

#[test]
fn another_type() {
    let other = |export: &str| {
        let text = format!(
            r#"(component
                 (core module $m (func (export "get") (result i32) i32.const 0))
                 (core instance $m (instantiate $m))
                 (func $get (result s32) (canon lift (core func $m "get")))
                 (instance $own (export "get" (func $get)))
                 (export "{export}" (instance $own)))"#
        );
        Part::new("other.wasm", wat::parse_str(text).unwrap()).unwrap()
    };
    let error = refused(
        part("main.wasm", &["t:t/x@1.0.0"], &["run"]),
        vec![plug(&[], other("t:t/x@1.0.0"))],
    );
    assert_eq!(
        error.to_string(),
        "`other.wasm` exports `t:t/x@1.0.0` with another type than `main.wasm` imports it: mismatched type for export `get`: \
         mismatched type for function result: expected u32, found s32"
    );
    let error = refused(
        part("main.wasm", &["one"], &["run"]),
        vec![plug(&["one"], other("t:t/leaf@1.0.0"))],
    );
    assert_eq!(
        error.to_string(),
        "no export of `other.wasm` fits the import `one` of `main.wasm`: its export is `t:t/leaf@1.0.0`: \
         mismatched type for export `get`: mismatched type for function result: expected u32, found s32"
    );
}

#[test]
fn a_cycle() {
    let error = refused(
        part("a.wasm", &["t:t/b@1.0.0"], &["run", "t:t/a@1.0.0"]),
        vec![
            plug(&[], part("b.wasm", &["t:t/c@1.0.0"], &["t:t/b@1.0.0"])),
            plug(&[], part("c.wasm", &["t:t/a@1.0.0"], &["t:t/c@1.0.0"])),
        ],
    );
    assert_eq!(
        error.to_string(),
        "`c.wasm` imports `t:t/a@1.0.0`, which only `a.wasm` exports, and that needs `c.wasm`: a cycle"
    );
}

#[test]
fn two_abis() {
    let native = r#"(component
        (import "t:t/x@1.0.0" (instance (export "get" (func async (result u32)))))
        (core func $index (canon thread.index))
        (core module $main (import "" "index" (func (result i32))))
        (core instance (instantiate $main (with "" (instance (export "index" (func $index)))))))"#;
    let native = Part::new("native.wasm", wat::parse_str(native).unwrap()).unwrap();
    let split = || plug(&[], part("split.wasm", &[], &["t:t/x@1.0.0-isyswasfa"]));
    let plain = || plug(&[], part("plain.wasm", &[], &["t:t/x@1.0.0"]));
    // A native one among split ones is translated, if it can be.
    let error = refused(native, vec![split(), plain()]);
    assert_eq!(
        error.to_string(),
        "`native.wasm` cannot be translated: the component uses the built-in `thread.index`, which has no equal in \
         the split ABI: it is the core import `\"\" \"index\"`"
    );
    assert!(
        error.help().unwrap().contains("docs/translate.md"),
        "{error}"
    );
    // A component without async works with both.
    let main = part(
        "main.wasm",
        &["t:t/x@1.0.0-isyswasfa", "t:t/y@1.0.0"],
        &["run"],
    );
    let y = plug(&[], part("plain.wasm", &[], &["t:t/y@1.0.0"]));
    assert_eq!(run(main, vec![split(), y]), 3);
}

/// What the interface is imported with, `async ` or nothing.
fn x(kind: &str) -> String {
    format!(r#"(import "t:t/x@1.0.0" (instance $x (export "f" (func {kind}(result u32)))))"#)
}

fn text(file: &str, body: &str) -> Part {
    Part::new(file, wat::parse_str(format!("(component {body})")).unwrap()).unwrap()
}

/// Exports `t:t/x@1.0.0`, with a sync function.
fn sync_leaf() -> Part {
    text(
        "leaf.wasm",
        r#"(core module $m (func (export "f") (result i32) (i32.const 1)))
           (core instance $i (instantiate $m))
           (func $f (result u32) (canon lift (core func $i "f")))
           (instance $x (export "f" (func $f)))
           (export "t:t/x@1.0.0" (instance $x))"#,
    )
}

#[test]
fn types_that_differ_only_in_async_are_bridged() {
    let main = text("main.wasm", &x("async "));
    let composed = compose(main, vec![plug(&[], sync_leaf())]).unwrap();
    let bridged = &composed.bridged[..];
    let [bridged] = bridged else {
        panic!("{bridged:?}")
    };
    assert!(bridged.is_async);
    assert_eq!(
        (&*bridged.importer, &*bridged.import, &*bridged.plug),
        ("main.wasm", "t:t/x@1.0.0", "leaf.wasm")
    );
    // To any other tool, an open import.
    let shape = Shape::read(Path::new("composed.wasm"), &composed.wasm).unwrap();
    assert_eq!(shape.imports, ["isyswasfa-bridge-0"]);
}

#[test]
fn types_that_differ_in_more_than_async_are_not_bridged() {
    let main = r#"(import "t:t/x@1.0.0" (instance (export "f" (func async (result string)))))"#;
    let error = refused(text("main.wasm", main), vec![plug(&[], sync_leaf())]);
    assert!(error.to_string().contains("with another type"), "{error}");
}

#[test]
fn interfaces_with_handles_are_not_bridged() {
    let main = r#"(import "t:t/x@1.0.0-isyswasfa" (instance
        (export "r" (type $r (sub resource)))
        (export "f-isyswasfa-start" (func (param "r" (own $r)) (result u32)))
        (export "f-isyswasfa-result" (func (result u32)))))"#;
    let error = refused(text("main.wasm", main), vec![plug(&[], sync_leaf())]);
    assert!(
        error.to_string().contains("`f` passes a resource"),
        "{error}"
    );
}

#[test]
fn no_part_is_on_both_sides_of_a_bridge() {
    let main = || {
        let y = r#"(import "t:t/y@1.0.0" (instance (export "f" (func (result u32)))))"#;
        text("main.wasm", &format!("{} {y}", x("async ")))
    };
    let passes_on = || {
        let y = r#"(export "t:t/y@1.0.0" (instance $x))"#;
        text("y.wasm", &format!("{} {y}", x("")))
    };
    let once = vec![plug(&[], passes_on()), plug(&["x"], sync_leaf())];
    let error = refused(main(), once);
    assert!(
        error
            .to_string()
            .contains("`main.wasm` and `leaf.wasm` must be bridged"),
        "{error}"
    );
    // Each plug comes after the component that it serves.
    let twice = vec![
        plug(&["x"], sync_leaf()),
        plug(&["y"], passes_on()),
        plug(&["x"], sync_leaf()),
    ];
    assert_eq!(compose(main(), twice).unwrap().bridged.len(), 1);
}
