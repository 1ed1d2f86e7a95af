//! Packages that use types of one another: they are refused, also in a nested component.

use isyswasfa_translate::{Moves, translate};

/// A native component that imports interfaces of two packages, of which each uses a type of the other.
const CIRCLE: &str = r#"
    (import "a:a/one" (instance $one (type $e (enum "x")) (export "e" (type (eq $e)))))
    (alias export $one "e" (type $e))
    (import "b:b/two" (instance $two (alias outer $c $e (type $f)) (export "f" (type (eq $f)))))
    (alias export $two "f" (type $f))
    (import "a:a/three" (instance (alias outer $c $f (type $g)) (export "g" (type (eq $g)))))
    (core func $set (canon waitable-set.new))
    (core module $main (import "" "set" (func (result i32))))
    (core instance (instantiate $main (with "" (instance (export "set" (func $set))))))"#;

fn refused(component: &str) {
    let wasm = wat::parse_str(component).unwrap();
    let expected =
        "packages use types of one another in a circle, which WIT does not allow: `a:a`, `b:b`";
    let errors = [
        translate(&wasm).expect_err("it is refused"),
        Moves::default()
            .add_of(&wasm)
            .expect_err("so it is among others"),
    ];
    for error in errors {
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn a_circle_of_packages_is_refused() {
    refused(&format!("(component $c {CIRCLE})"));
}

#[test]
fn one_in_a_nested_component_is_refused() {
    refused(&format!(
        r#"(component
            (import "a:a/one" (instance $one (type $e (enum "x")) (export "e" (type (eq $e)))))
            (alias export $one "e" (type $e))
            (import "b:b/two" (instance $two (alias outer 1 $e (type $f)) (export "f" (type (eq $f)))))
            (alias export $two "f" (type $f))
            (import "a:a/three" (instance $three (alias outer 1 $f (type $g)) (export "g" (type (eq $g)))))
            (component $c {CIRCLE})
            (instance (instantiate $c
              (with "a:a/one" (instance $one)) (with "b:b/two" (instance $two)) (with "a:a/three" (instance $three)))))"#
    ));
}
