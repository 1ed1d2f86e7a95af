//! `polyfill-host inspect` of real guests. What depends on the compiler, sizes and who made it, is checked apart.

use isyswasfa_tests::{Backend, compose_files, guest, program};
use std::path::Path;
use std::process::{Command, Output};

fn inspect(arguments: &[&str]) -> Output {
    Command::new(program("polyfill-host"))
        .arg("inspect")
        .args(arguments)
        .output()
        .expect("the program runs")
}

fn text(file: &Path, arguments: &[&str]) -> String {
    let file = file.to_str().expect("text");
    let output = inspect(&[&[file], arguments].concat());
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).expect("text")
}

/// The report without its first line, which has the path and the size, up to what the component is made of. Imports are sorted: their
/// order depends on how the compiler divides crates into objects.
fn stable(file: &Path) -> String {
    let report = text(file, &[]);
    let (first, rest) = report.split_once('\n').unwrap();
    assert!(first.ends_with(" bytes"), "{first}");
    let (stable, made) = rest.split_once("\nMade of\n").unwrap();
    for expected in ["module", "section `import`", "Made by", "language Rust"] {
        assert!(made.contains(expected), "{made}");
    }
    let (imports, rest) = stable.split_once("\nExports\n").unwrap();
    format!("{}\nExports\n{rest}", sorted_items(imports))
}

/// A section of a report with its items in order. What belongs to an item is indented further.
fn sorted_items(section: &str) -> String {
    let mut parts: Vec<String> = Vec::new();
    for line in section.split_inclusive('\n') {
        match parts.last_mut() {
            Some(item) if line.starts_with("    ") => item.push_str(line),
            _ => parts.push(line.to_owned()),
        }
    }
    let head = parts.iter().take_while(|part| !part.starts_with(' '));
    let head = head.count();
    parts[head..].sort();
    parts.concat()
}

#[test]
fn an_http_server_on_both_backends() {
    insta::assert_snapshot!(
        "service-isyswasfa",
        stable(&guest("service", Backend::Isyswasfa))
    );
    insta::assert_snapshot!("service-native", stable(&guest("service", Backend::Native)));
}

#[test]
fn imports_under_labels() {
    insta::assert_snapshot!(
        "router-isyswasfa",
        stable(&guest("router", Backend::Isyswasfa))
    );
}

#[test]
fn every_kind_of_function_and_pipe() {
    insta::assert_snapshot!(
        "kinds-isyswasfa",
        stable(&guest("kinds", Backend::Isyswasfa))
    );
    insta::assert_snapshot!("kinds-native", stable(&guest("kinds", Backend::Native)));
}

#[test]
fn a_component_of_wasi_0_2() {
    insta::assert_snapshot!(
        "plain-command",
        stable(&guest("plain-command", Backend::Isyswasfa))
    );
}

#[test]
fn a_composition_shows_what_it_is_made_of() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("composed.wasm");
    for backend in Backend::BUILT {
        let (middleware, service) = (guest("middleware", backend), guest("service", backend));
        let composed = compose_files(&middleware, &[("", &service)]).unwrap();
        std::fs::write(&file, &composed).unwrap();
        let json: serde_json::Value =
            serde_json::from_str(&text(&file, &["--format", "json"])).unwrap();
        assert_eq!(json["abi"], backend.name());
        assert_eq!(json["size"], composed.len());
        let nested = json["nested"].as_array().unwrap();
        let size = |path: &Path| std::fs::metadata(path).unwrap().len();
        // What others need comes before them.
        for (nested, path) in nested.iter().zip([&service, &middleware]) {
            assert_eq!(nested["kind"], "component");
            assert_eq!(nested["size"], size(path));
            assert_eq!(nested["nested"][0]["kind"], "module");
        }
        assert_eq!(nested.len(), 2);
        assert_eq!(json["hosts"]["polyfill_host"]["runs"], true);
        assert_eq!(
            json["hosts"]["wasi_0_3"]["runs"],
            backend == Backend::Native
        );
        let handler = &json["exports"][0];
        assert_eq!(
            handler["functions"][0]["signature"],
            "async func(request: request) -> result<response, error-code>"
        );
        let producers = json["producers"].as_array().unwrap();
        let is_rust = |it: &serde_json::Value| {
            it[0] == "language" && it[1].as_str().unwrap().starts_with("Rust")
        };
        assert!(producers.iter().any(is_rust), "{producers:?}");
    }
}

#[test]
fn what_is_no_component() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("module.wat");
    std::fs::write(&file, "(module)").unwrap();
    let output = inspect(&[file.to_str().unwrap()]);
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{said}");
    assert!(
        said.contains("is a core WebAssembly module; a component was expected"),
        "{said}"
    );
}
