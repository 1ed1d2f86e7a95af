//! Checks a tree of 5,000 WIT and Rust files, a million lines, beside `rg -c .` on the same tree in the same run: `cargo bench --bench tree`, or
//! `cargo xtask bench --migrate`, which keeps the result beside this file.
//!
//! The files are the guests of the tests, WIT with one of each construct, and Rust that has nothing to do with WASI, in the shares in which a
//! large code base has them. The programs run in turns, and the shortest run of each counts.

use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const FILES: usize = 5_000;
const LINES: usize = 215;
const RUNS: usize = 7;
/// How many times as long as ripgrep it may take.
const LIMIT: f64 = 20.0;

fn main() {
    let arguments: Vec<_> = std::env::args().collect();
    // `cargo test --all-targets` runs benches too, to see that they start.
    if !arguments.iter().any(|argument| argument == "--bench") {
        return;
    }
    if version("rg").is_empty() {
        eprintln!("error: there is no `rg` to compare with\nhelp: `apt-get install ripgrep`");
        std::process::exit(2);
    }
    let tree = tempfile::tempdir().expect("a folder for the tree");
    let lines = generate(tree.path());
    let ours = env!("CARGO_BIN_EXE_isyswasfa-migrate");
    let rows: [(&str, &str, &[&str]); 3] = [
        ("rg -c .", "rg", &["-c", "."]),
        ("isyswasfa-migrate check", ours, &["check"]),
        (
            "isyswasfa-migrate check --statistics",
            ours,
            &["check", "--statistics"],
        ),
    ];
    let mut best = [Duration::MAX; 3];
    for _ in 0..RUNS {
        for ((_, program, arguments), best) in rows.iter().zip(&mut best) {
            *best = run(tree.path(), program, arguments).min(*best);
        }
    }
    let ratio = |time: Duration| time.as_secs_f64() / best[0].as_secs_f64();
    let mut report = format!(
        "# How fast `check` is\n\nWritten by `cargo xtask bench --migrate`: a generated tree of {FILES} WIT and Rust files, {lines} lines, a fifth of \
         the files guests of WASI 0.2 and a fifth WIT; the shortest of {RUNS} runs in turns. At most {LIMIT} times ripgrep is wanted.\n\n{}\n\
         | | seconds | times ripgrep |\n| --- | ---: | ---: |\n",
        machine()
    );
    for ((name, ..), best) in rows.iter().zip(best) {
        let seconds = best.as_secs_f64();
        writeln!(report, "| `{name}` | {seconds:.3} | {:.1} |", ratio(best))
            .expect("a String takes all");
    }
    print!("{report}");
    let keep = arguments.iter().position(|argument| argument == "--keep");
    if let Some(path) = keep.and_then(|at| arguments.get(at + 1)) {
        fs::write(path, report).expect("the report can be written");
    }
    assert!(ratio(best[1]) <= LIMIT, "too slow");
}

fn machine() -> String {
    let cpu = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(':'))
        .map_or("unknown processor", |(_, model)| model.trim());
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!(
        "- machine: {model}, {cores} cores, {}-{}; shared with others, so compare ratios, not figures\n- versions: {}, {}\n",
        std::env::consts::ARCH,
        std::env::consts::OS,
        version("rustc"),
        version("rg")
    )
}

/// The first line that a program says of its version; empty if there is no such program.
fn version(program: &str) -> String {
    let output = Command::new(program).arg("--version").output();
    let text = output.map(|output| String::from_utf8_lossy(&output.stdout).into_owned());
    let text = text.unwrap_or_default();
    text.lines().next().unwrap_or_default().to_owned()
}

fn run(folder: &Path, program: &str, arguments: &[&str]) -> Duration {
    let start = Instant::now();
    let status = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .stdout(Stdio::null())
        .status()
        .expect("the program starts");
    // Both end with 1 if they found something, or nothing: 2 is an error.
    assert_ne!(status.code(), Some(2), "`{program}` failed");
    start.elapsed()
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
