//! Types that are too much for an engine are refused at once: no stack overflows, nothing grows exponentially.

mod harness;

use isyswasfa_wit::{Reason, Refused};
use std::fmt::Write;

/// Types that wrap one another `levels` times, by `wrap`.
fn nested(levels: u32, first: &str, wrap: impl Fn(String) -> String) -> Result<String, Refused> {
    let mut types = format!("type t0 = {first};\n");
    for level in 1..=levels {
        writeln!(
            types,
            "type t{level} = {};",
            wrap(format!("t{}", level - 1))
        )
        .unwrap();
    }
    split(&format!(
        "package test:limits;
         interface api {{ {types} run: async func(a: t{levels}) -> stream<t{levels}>; }}
         world w {{ import api; }}"
    ))
}

fn split(text: &str) -> Result<String, Refused> {
    let (resolve, package) = harness::read(text);
    let world = resolve.packages[package].worlds["w"];
    isyswasfa_wit::split(&resolve, world).map(|split| harness::check(&split))
}

#[test]
fn deep_types_are_refused() {
    nested(80, "u32", |inner| format!("option<{inner}>")).unwrap();
    for levels in [100, 1000] {
        let refused = nested(levels, "u32", |inner| format!("list<{inner}>")).unwrap_err();
        assert!(
            matches!(refused.reason, Reason::TooDeep { .. }),
            "{refused}"
        );
    }
    // What a map becomes is nested deeper than the map.
    nested(40, "u32", |inner| format!("map<u8, {inner}>")).unwrap();
    let refused = nested(60, "u32", |inner| format!("map<u8, {inner}>")).unwrap_err();
    assert!(
        matches!(refused.reason, Reason::TooDeep { .. }),
        "{refused}"
    );
}

#[test]
fn wide_types_are_refused() {
    nested(12, "u32", |inner| format!("tuple<{inner}, {inner}>")).unwrap();
    let refused = nested(60, "u32", |inner| format!("tuple<{inner}, {inner}>")).unwrap_err();
    assert!(
        matches!(refused.reason, Reason::TooLarge { .. }),
        "{refused}"
    );
    let refused = nested(60, "u32", |inner| format!("list<{inner}, 2>")).unwrap_err();
    assert!(
        matches!(refused.reason, Reason::TooLarge { .. }),
        "{refused}"
    );
}

#[test]
fn nested_streams_are_types_of_their_own() {
    nested(40, "stream<u8>", |inner| format!("stream<{inner}>")).unwrap();
}

#[test]
fn long_chains_of_use_are_no_recursion() {
    const LENGTH: u32 = 500;
    let mut text =
        "package test:chain; interface i0 { resource r { run: async func(); } }\n".to_owned();
    for i in 1..LENGTH {
        writeln!(text, "interface i{i} {{ use i{}.{{r}}; }}", i - 1).unwrap();
    }
    writeln!(text, "world w {{ import i{}; }}", LENGTH - 1).unwrap();
    split(&text).unwrap();
}
