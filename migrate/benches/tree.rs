//! Checks a tree of 5,000 WIT and Rust files, a million lines, beside `rg -c .` on the same tree in the same run: `cargo bench --bench tree`.
//!
//! The files are the guests of the tests, WIT with one of each construct, and Rust that has nothing to do with WASI, in the shares in which a
//! large code base has them.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const FILES: usize = 5_000;
const LINES: usize = 200;
/// How many times as long as ripgrep it may take.
const LIMIT: f64 = 20.0;

fn main() {
    // `cargo test --all-targets` runs benches too, to see that they start.
    if !std::env::args().any(|argument| argument == "--bench") {
        return;
    }
    let tree = tempfile::tempdir().expect("a folder for the tree");
    let lines = generate(tree.path());
    println!("{FILES} files, {lines} lines");
    let ours = best(
        tree.path(),
        env!("CARGO_BIN_EXE_isyswasfa-migrate"),
        &["check", "--statistics"],
    )
    .expect("our own program runs");
    println!("isyswasfa-migrate check: {ours:?}");
    let Some(theirs) = best(tree.path(), "rg", &["-c", "."]) else {
        println!("`rg` is not installed, so there is nothing to compare with");
        return;
    };
    let ratio = ours.as_secs_f64() / theirs.as_secs_f64();
    println!("rg -c .: {theirs:?}; {ratio:.1} times that (at most {LIMIT})");
    assert!(ratio <= LIMIT, "too slow");
}

/// The shortest of several runs; `None` if there is no such program.
fn best(folder: &Path, program: &str, arguments: &[&str]) -> Option<Duration> {
    let run = || {
        let start = Instant::now();
        let status = Command::new(program)
            .args(arguments)
            .current_dir(folder)
            .stdout(Stdio::null())
            .status()
            .ok()?;
        // Both end with 1 if they found something, or nothing: 2 is an error.
        assert_ne!(status.code(), Some(2), "`{program}` failed");
        Some(start.elapsed())
    };
    (0..5).map(|_| run()).min().flatten()
}

fn generate(folder: &Path) -> usize {
    let guests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/guests");
    let guests: Vec<_> = fs::read_dir(guests)
        .expect("the guests of the tests")
        .map(|entry| entry.expect("the guests of the tests").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| fs::read_to_string(path).expect("a guest"))
        .collect();
    let mut lines = 0;
    for index in 0..FILES {
        let path = folder.join(format!("part-{}/crate-{}", index / 100, index / 5));
        fs::create_dir_all(&path).expect("a folder of the tree");
        let (name, text) = match index % 5 {
            0 => (format!("wit-{index}.wit"), wit(index)),
            1 => (
                format!("guest-{index}.rs"),
                repeated(&guests[index / 5 % guests.len()]),
            ),
            _ => (format!("plain-{index}.rs"), plain(index)),
        };
        lines += text.lines().count();
        fs::write(path.join(name), text).expect("a file of the tree");
    }
    lines
}

/// The guest as modules, until it is long enough.
fn repeated(guest: &str) -> String {
    let guest = guest
        .lines()
        .filter(|line| !line.starts_with("//!"))
        .collect::<Vec<_>>()
        .join("\n");
    let mut text = String::new();
    for index in 0.. {
        if text.lines().count() >= LINES {
            break;
        }
        text += &format!("mod m{index} {{\n{guest}\n}}\n");
    }
    text
}

fn wit(index: usize) -> String {
    let mut text = format!("package test:part-{index}@1.0.0;\n");
    for number in 0..LINES / 14 {
        text += &format!(
            "\n/// Number {number}.\ninterface store-{number} {{\n  use wasi:io/streams@0.2.3.{{input-stream}};\n  use wasi:clocks/wall-clock@0.2.3.{{datetime}};\n\n  \
             record entry {{ name: string, modified: datetime }}\n\n  resource file {{\n    read: func() -> result<input-stream, string>;\n    \
             stat: func() -> result<entry, string>;\n  }}\n}}\n"
        );
    }
    text
}

fn plain(index: usize) -> String {
    let mut text = "use std::collections::HashMap;\n".to_owned();
    for number in 0..LINES / 10 {
        text += &format!(
            "\n/// Number {number} of {index}.\npub fn count_{number}(words: &[&str]) -> HashMap<String, usize> {{\n    let mut counts = HashMap::new();\n    \
             for word in words {{\n        *counts.entry(word.to_string()).or_default() += {number};\n    }}\n    counts\n}}\n"
        );
    }
    text
}
