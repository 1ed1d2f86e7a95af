//! Every item of WASI 0.2 that is not the same in 0.3 is found in Rust, in whichever way it is written.
//!
//! The programs are generated from the table of moves: each item in five forms. What is not found has to be in the list of exceptions, with the
//! reason.

use isyswasfa_migrate::items::{Items, items};
use isyswasfa_migrate::moves::{Change, Move, moves};
use isyswasfa_migrate::rust::{camel, snake};
use isyswasfa_migrate::{Options, Source, check};
use std::path::Path;
use wit_parser::Resolve;

/// Items, by the beginning of their names, that code can't name, or that are the same to it.
const EXCEPTIONS: &[(&str, &str)] = &[
    (
        "wasi:clocks/timezone",
        "unstable: the crates for 0.2 don't have it",
    ),
    (
        "wasi:sockets/network.network-error-code",
        "unstable: the crates for 0.2 don't have it",
    ),
    (
        "wasi:http/types.response-outparam.send-informational",
        "unstable: the crates for 0.2 don't have it",
    ),
    (
        "wasi:http/types.request-options.set-",
        "the call is the same: `unit-error` finds patterns of the error, which had no content",
    ),
];

/// Whether code says it in the same way in 0.3: only the type that it is a method of has another name.
fn is_said_the_same(full: &str, entry: &Move) -> bool {
    let last = |name: &str| name.rsplit('.').next().map(str::to_owned);
    let to = entry.to.as_deref().unwrap_or(full);
    entry.change == Change::Renamed && full.matches('.').count() == 2 && last(full) == last(to)
}

/// The newest 0.2, which the crates bind.
fn wasi_0_2() -> Items {
    let mut resolve = Resolve {
        all_features: true,
        ..Resolve::default()
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit/wasi/0.2");
    resolve.push_dir(folder).unwrap();
    items(&resolve, |package| package.namespace == "wasi")
}

/// The module of an interface: `wasip2::http::types`
fn module(interface: &str) -> String {
    let (package, name) = interface
        .trim_start_matches("wasi:")
        .split_once('/')
        .unwrap();
    format!("wasip2::{}::{}", snake(package), snake(name))
}

/// A name, safe from being a keyword.
fn ident(name: &str) -> String {
    match snake(name) {
        name if name == "type" => "type_".to_owned(),
        name => name,
    }
}

/// What marks the lines in which a program names an item: a `use` of the module is found for all that it brings in.
const MARK: &str = "/* here */";

/// A name of an interface, as a type or as a function that is called.
fn named(interface: &str, name: &str, is_call: bool) -> Vec<String> {
    let (module, last) = (
        module(interface),
        module(interface).rsplit("::").next().unwrap().to_owned(),
    );
    let used = |path: String| match is_call {
        true => format!("fn f() {{ {path}(); {MARK} }}\n"),
        false => format!("fn f(x: &{path}) {{}} {MARK}\n"),
    };
    vec![
        used(format!("{module}::{name}")),
        format!(
            "use {module}::{name}; {MARK}\n{}",
            used(name.to_owned()).replace(MARK, "")
        ),
        format!("use {module}::*; {MARK}\n{}", used(name.to_owned())),
        format!("use {module} as m; {MARK}\n{}", used(format!("m::{name}"))),
        format!(
            "use {}::{{{last}::{name} as Other}}; {MARK}\n{}",
            module.rsplit_once("::").unwrap().0,
            used("Other".to_owned()).replace(MARK, "")
        ),
    ]
}

/// A method that is called on values in five forms.
fn called(interface: &str, ty: &str, method: &str) -> Vec<String> {
    let (path, method) = (
        format!("{}::{}", module(interface), camel(ty)),
        ident(method),
    );
    let call = format!("x.{method}(); {MARK}");
    vec![
        format!("fn f(x: &{path}) {{\n {call}\n}}\n"),
        format!("struct S {{ x: {path} }}\nfn f(s: &S) {{\n s.{call}\n}}\n"),
        format!("fn g() -> {path} {{ todo!() }}\nfn f() {{\n let x = g();\n {call}\n}}\n"),
        format!(
            "use {path} as T;\nfn f(y: Option<T>) {{\n if let Some(x) = y {{\n {call}\n }}\n}}\n"
        ),
        format!(
            "fn f(y: Vec<u8>, x: {path}) {{\n y.iter().for_each(|_| {{\n println!(\"{{:?}}\", x.{method}()); {MARK}\n }});\n}}\n"
        ),
    ]
}

/// An associated function or a constructor.
fn associated(interface: &str, ty: &str, function: &str) -> Vec<String> {
    let name = camel(ty);
    let module = module(interface);
    // What is made of nothing is no message of HTTP.
    let argument = if function == "constructor" {
        "todo!()"
    } else {
        ""
    };
    let function = if function == "constructor" {
        "new".to_owned()
    } else {
        ident(function)
    };
    let call =
        |path: &str| format!("fn f() {{ let _ = {path}::{function}({argument}); {MARK} }}\n");
    vec![
        call(&format!("{module}::{name}")),
        format!("use {module}::{name}; {MARK}\n{}", call(&name)),
        format!("use {module}::*; {MARK}\n{}", call(&name)),
        format!("use {module} as m; {MARK}\n{}", call(&format!("m::{name}"))),
        format!("use {module}::{name} as Other; {MARK}\n{}", call("Other")),
    ]
}

fn is_found(program: &str) -> bool {
    let source = Source::new("src/lib.rs", program).unwrap();
    let report = check(&[source], &Options::default()).remove(0);
    assert_eq!(report.error, None, "{program}");
    let mut lines = program.match_indices(MARK).map(|(end, _)| {
        let start = program[..end].rfind('\n').map_or(0, |newline| newline + 1);
        start..end
    });
    lines.any(|line| {
        let touches =
            |place: &std::ops::Range<usize>| place.start <= line.end && line.start <= place.end;
        report
            .findings
            .iter()
            .any(|finding| touches(&finding.range))
    })
}

#[test]
fn every_item_is_found_in_five_forms() {
    let items = wasi_0_2();
    let (mut count, mut missed) = (0, Vec::new());
    for (full, entry) in moves().entries() {
        let Some(item) = items.get(full) else {
            continue;
        };
        let excepted = EXCEPTIONS.iter().any(|(name, _)| full.starts_with(name));
        let parts: Vec<_> = full.split('.').collect();
        // Interfaces are named by what is in them, worlds in WIT, fields and cases by their type, which is another item.
        let programs = match (item.kind, parts.as_slice()) {
            _ if excepted || entry.change == Change::Kept || is_said_the_same(full, entry) => {
                continue;
            }
            ("func", [interface, name]) => named(interface, &ident(name), true),
            ("method", [interface, ty, name]) => called(interface, ty, name),
            ("static" | "constructor", [interface, ty, name]) => associated(interface, ty, name),
            ("resource" | "record" | "variant" | "enum" | "flags" | "type", [interface, name]) => {
                named(interface, &camel(name), false)
            }
            _ => continue,
        };
        for (form, program) in programs.iter().enumerate() {
            count += 1;
            if !is_found(program) {
                missed.push(format!(
                    "{full} ({}, form {}):\n{}",
                    item.kind,
                    form + 1,
                    program
                ));
            }
        }
    }
    assert!(count > 500, "only {count} programs");
    assert!(
        missed.is_empty(),
        "{} of {count} are not found:\n{}",
        missed.len(),
        missed.join("\n")
    );
}

#[test]
fn every_exception_is_an_item() {
    for (name, reason) in EXCEPTIONS {
        assert!(
            moves().entries().any(|(full, _)| full.starts_with(name)),
            "{name}"
        );
        assert!(!reason.is_empty());
    }
}
