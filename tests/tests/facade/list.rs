//! The facade has the modules, types and functions of the crate `wasip2`, with the same signatures, but for `async` and
//! lifetimes. Both lists are read from source.

mod items;
mod signature;
mod tree;

use items::{Item, Items};
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use tree::Tree;

/// What the facade has beside: conversions from and to 0.3.
const BESIDE: [&str; 8] = [
    "filesystem::types::Descriptor::into_descriptor",
    "http::types::IncomingRequest::into_request",
    "http::types::IncomingResponse::into_response",
    "http::types::OutgoingRequest::into_request",
    "http::types::OutgoingResponse::into_response",
    "io::poll::Pollable::from_future",
    "io::streams::InputStream::from_stream",
    "io::streams::InputStream::into_stream",
];

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The source of a crate that the guests of the tests are built with.
fn source_of(package: &str) -> PathBuf {
    let manifest = repository().join("tests/guests/Cargo.toml");
    let output = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["metadata", "--format-version", "1", "--offline"])
        .args(["--filter-platform", "wasm32-wasip2", "--manifest-path"])
        .arg(manifest)
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let found = packages.iter().find(|found| found["name"] == package);
    let found = found.unwrap_or_else(|| panic!("no guest depends on `{package}`"));
    let manifest = Path::new(found["manifest_path"].as_str().unwrap());
    manifest.parent().unwrap().join("src")
}

/// What WIT's packages became in bindings: interfaces, and what a guest implements.
fn bindings(package: &str, files: [&str; 3]) -> Items {
    let folder = source_of(package);
    let mut tree = Tree::default();
    for file in files {
        let name = file.strip_suffix(".rs").unwrap();
        tree.load(&folder.join(file), &[name.to_owned()]);
    }
    let mut items = Items::default();
    for file in files {
        let name = file.strip_suffix(".rs").unwrap();
        items.collect(&tree, &format!("{name}::wasi"), "");
        items.collect(&tree, &format!("{name}::exports::wasi"), "exports::");
    }
    items
}

static WASIP2: LazyLock<Items> =
    LazyLock::new(|| bindings("wasip2", ["imports.rs", "proxy.rs", "command.rs"]));

static FACADE: LazyLock<Items> = LazyLock::new(|| {
    let mut tree = Tree::default();
    tree.load(
        &repository().join("compat-api/src/p2.rs"),
        &["p2".to_owned()],
    );
    tree.beside = bindings("wasip3", ["imports.rs", "service.rs", "command.rs"]);
    let mut items = Items::default();
    items.collect(&tree, "p2", "");
    items
});

/// The paths in one of the lists of `colour.toml`.
fn colour(list: &str) -> BTreeSet<String> {
    let file = repository().join("compat-api/src/p2/colour.toml");
    let text = std::fs::read_to_string(file).unwrap();
    let start = text.find(&format!("\n{list} = [")).expect("the list");
    let end = start + text[start..].find("\n]").expect("its end");
    let lines = text[start..end].lines().map(str::trim);
    let paths = lines.filter_map(|line| line.strip_prefix('"')?.strip_suffix("\","));
    paths.map(str::to_owned).collect()
}

#[test]
fn every_item_of_wasip2_is_there() {
    let (before, facade) = (&*WASIP2, &*FACADE);
    assert!(before.0.len() > 400, "{} items are read", before.0.len());
    let mut wrong = Vec::new();
    for (path, item) in &before.0 {
        match facade.0.get(path) {
            None => wrong.push(format!("{path}: is not there")),
            Some(found) if found.says != item.says => wrong.push(format!(
                "{path}:\n  before {}\n  facade {}",
                item.says, found.says
            )),
            Some(_) => {}
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_is_beside_is_known() {
    let (before, facade) = (&*WASIP2, &*FACADE);
    let beside: Vec<&str> = facade
        .0
        .keys()
        .filter(|path| !before.0.contains_key(*path))
        .map(String::as_str)
        .collect();
    assert_eq!(beside, BESIDE);
}

#[test]
fn the_list_of_async_functions_is_true() {
    let (mut listed, exports) = (colour("async"), colour("async_exports"));
    assert!(exports.iter().all(|path| path.starts_with("exports::")));
    listed.extend(exports);
    let is_async = |(path, item): (&String, &Item)| item.is_async.then(|| path.clone());
    let found: BTreeSet<_> = FACADE.0.iter().filter_map(is_async).collect();
    assert_eq!(found, listed);
    assert!(WASIP2.0.values().all(|item| !item.is_async));
}

/// The macros, which no list of items has.
#[test]
fn export_is_where_it_was() {
    let mut tree = Tree::default();
    tree.load(
        &repository().join("compat-api/src/p2.rs"),
        &["p2".to_owned()],
    );
    for module in ["p2::cli::command", "p2::http::proxy"] {
        let module = tree.module(module).expect("the module");
        assert!(module.uses.iter().any(|(name, _)| name == "export"));
    }
}
