//! The building keeps its plan: rooms (the folders and files of `src`) import downwards only, crates depend on those that they may,
//! small builds stay small, and the map in `ARCHITECTURE.md` is the tree.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

/// The rooms, from the ground up: each may import those before it.
const ROOMS: [&str; 21] = [
    // What knows nothing of the others.
    "bad_input",
    "escape",
    "exports",
    "engine", // The split ABI.
    "core",
    "pipes",
    "trace",
    "split", // WASI on it.
    "http",
    "wasi", // Bindings for embedders.
    "embed",
    // Whole components: what they may use, their stores, what is behind their bridges, how they are loaded.
    "stdio",
    "options",
    "guest",
    "bridge",
    "load", // What can be done with them.
    "run",
    "serve",
    "cli", // The front.
    "lib",
    "main",
];

/// Modules of `isyswasfa-tools`, which `lib.rs` exports under its own name: everybody may import them.
const TOOLS: [&str; 6] = ["abi", "adapter", "compose", "inspect", "lower", "translate"];

/// The crates of the workspace, and the others of ours that each may depend on.
const CRATES: [(&str, &[&str]); 15] = [
    ("isyswasfa-wit", &[]),
    ("isyswasfa-output", &[]),
    ("isyswasfa-core", &[]),
    ("isyswasfa-translate", &["isyswasfa-wit"]),
    (
        "isyswasfa-tools",
        &["isyswasfa-core", "isyswasfa-translate", "isyswasfa-wit"],
    ),
    ("polyfill-guest-macro", &["isyswasfa-wit"]),
    (
        "polyfill-guest",
        &["isyswasfa-core", "polyfill-guest-macro"],
    ),
    ("compat-api", &["polyfill-guest"]),
    ("polyfill-host-macro", &["isyswasfa-wit"]),
    (
        "polyfill-host",
        &[
            "isyswasfa-core",
            "isyswasfa-output",
            "isyswasfa-tools",
            "isyswasfa-wit",
            "polyfill-host-macro",
        ],
    ),
    ("isyswasfa-bench", &["polyfill-host"]),
    ("isyswasfa-tests", &["isyswasfa-translate", "polyfill-host"]),
    ("example-embed", &["polyfill-host"]),
    ("isyswasfa-fuzz", &[]),
    ("xtask", &["isyswasfa-output"]),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap()
        .to_owned()
}

fn cargo(arguments: &[&str]) -> String {
    let cargo = Command::new(env!("CARGO"))
        .args(arguments)
        .current_dir(root())
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&cargo.stderr);
    assert!(cargo.status.success(), "cargo {arguments:?}: {errors}");
    String::from_utf8(cargo.stdout).unwrap()
}

#[test]
fn rooms_import_downwards() {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let rank = |room: &str| ROOMS.iter().position(|own| *own == room);
    let mut wrong = Vec::new();
    for file in sources(&src) {
        let inside = file.strip_prefix(&src).unwrap();
        let room = inside.components().next().unwrap().as_os_str();
        let room = room.to_str().unwrap().trim_end_matches(".rs");
        let Some(own) = rank(room) else {
            panic!("`{room}` has no place in the list of rooms");
        };
        for import in imports(&fs::read_to_string(&file).unwrap()) {
            if import == room || TOOLS.contains(&&*import) {
                continue;
            }
            match rank(&import) {
                Some(its) if its < own => {}
                // An item of the front itself, or a macro.
                None if room == "cli" => {}
                _ => wrong.push(format!("{} imports `{import}`", inside.display())),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// All Rust files below a folder.
fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(sources(&path));
        } else if path.extension().is_some_and(|it| it == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The rooms that a source file mentions: what comes after each `crate::`.
fn imports(source: &str) -> BTreeSet<String> {
    let code: Vec<&str> = source
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect();
    let code = code.join("\n");
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|it| it.is_alphanumeric() || it == '_' || it == '(') {
            continue;
        }
        let rest = &code[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(group) => found.extend(first_names(group)),
            None => found.extend(first_name(rest)),
        }
    }
    found
}

/// The first name of each item of a group of imports, which begins behind its brace.
fn first_names(group: &str) -> Vec<String> {
    let mut names = Vec::new();
    let (mut depth, mut begin) = (0, 0);
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' | ',' if depth == 0 => {
                names.extend(first_name(group[begin..at].trim_start()));
                begin = at + 1;
                if c == '}' {
                    break;
                }
            }
            '}' => depth -= 1,
            _ => {}
        }
    }
    names
}

fn first_name(path: &str) -> Option<String> {
    let end = path.find(|c: char| !c.is_alphanumeric() && c != '_');
    let name = &path[..end.unwrap_or(path.len())];
    (!name.is_empty()).then(|| name.to_owned())
}

#[test]
fn imports_are_found_in_each_form() {
    let source = "use crate::core::{Budget, Share};\nuse crate::{pipes, split::{self, Died}};\n\
                  // crate::cli\nlet x = crate::wasi::stdio();\npub(crate) use a::b;";
    let found: Vec<_> = imports(source).into_iter().collect();
    assert_eq!(found, ["core", "pipes", "split", "wasi"]);
}

#[test]
fn crates_depend_on_those_that_they_may() {
    let metadata = cargo(&[
        "metadata",
        "--offline",
        "--no-deps",
        "--format-version",
        "1",
    ]);
    let metadata: Value = serde_json::from_str(&metadata).unwrap();
    let allowed = BTreeMap::from(CRATES);
    let mut wrong = Vec::new();
    for package in metadata["packages"].as_array().unwrap() {
        let name = package["name"].as_str().unwrap();
        let Some(allowed) = allowed.get(name) else {
            panic!("`{name}` has no place in the list of crates");
        };
        for dependency in package["dependencies"].as_array().unwrap() {
            let its = dependency["name"].as_str().unwrap();
            let is_ours = dependency["path"].is_string();
            let is_for_tests = dependency["kind"] == "dev";
            if is_ours && !is_for_tests && !allowed.contains(&its) {
                wrong.push(format!("`{name}` depends on `{its}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The names of the crates that a build of `package` contains.
fn tree(package: &str, features: &[&str]) -> BTreeSet<String> {
    let mut arguments = vec!["tree", "--offline", "-e", "normal", "--prefix", "none"];
    arguments.extend(["-p", package]);
    arguments.extend(features);
    let tree = cargo(&arguments);
    let names = tree.lines().filter_map(|line| line.split(' ').next());
    names.map(str::to_owned).collect()
}

#[test]
fn tools_need_no_engine() {
    for tool in ["isyswasfa-tools", "isyswasfa-translate"] {
        let names = tree(tool, &[]);
        assert!(names.contains("wasmparser"), "{names:?}");
        let engine = names.iter().filter(|name| name.starts_with("wasmtime"));
        assert_eq!(engine.collect::<Vec<_>>(), Vec::<&String>::new(), "{tool}");
    }
}

#[test]
fn bindings_need_no_http_and_no_command_line() {
    let small = tree("polyfill-host", &["--no-default-features"]);
    assert!(small.contains("wasmtime"), "{small:?}");
    let unwanted = [
        "clap",
        "notify",
        "rustls",
        "wac-",
        "hyper",
        "miette",
        "wasmtime-wasi-http",
    ];
    let found = small
        .iter()
        .filter(|name| unwanted.iter().any(|unwanted| name.starts_with(unwanted)));
    assert_eq!(found.collect::<Vec<_>>(), Vec::<&String>::new());
    let whole = tree("polyfill-host", &[]);
    for unwanted in unwanted {
        let is_there = whole.iter().any(|name| name.starts_with(unwanted));
        assert!(
            is_there,
            "`{unwanted}` is in no build: is it called otherwise now?"
        );
    }
}

#[test]
fn the_map_of_folders_is_the_tree() {
    let architecture = fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let mut lines = architecture.lines();
    lines
        .find(|line| line.starts_with("| folder | crate |"))
        .expect("`ARCHITECTURE.md` has a table that begins with `| folder | crate |`");
    let rows = lines.skip(1).take_while(|line| line.starts_with('|'));
    let mapped: BTreeSet<_> = rows
        .flat_map(|row| {
            let cell = row.split('|').nth(1).unwrap();
            let names = cell.split('`').skip(1).step_by(2);
            names.map(|name| name.trim_end_matches('/').to_owned())
        })
        .collect();
    let folders = fs::read_dir(root()).unwrap().map(Result::unwrap);
    let folders: BTreeSet<_> = folders
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .filter(|name| !name.starts_with('.') && name != "target")
        .collect();
    assert_eq!(mapped, folders);
}
