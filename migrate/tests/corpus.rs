//! The corpus: programs for WASI 0.2 in the styles of real code, moved onto the facade. `INSTA_UPDATE=always` writes the table of figures anew.
//!
//! `cargo test --test corpus -- --ignored` also compiles them before and after, with the crate `compat-api` of this repository, and runs
//! those that are commands.

use isyswasfa_migrate::edit::Safety;
use isyswasfa_migrate::facade::{Counts, Facade, idiom, rewrite};
use isyswasfa_migrate::walk::collect_whole;
use isyswasfa_migrate::{Options, Source, migrate};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::{env, fs};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus")
}

fn programs() -> Vec<String> {
    let entries = fs::read_dir(folder()).unwrap().map(Result::unwrap);
    let folders = entries.filter(|entry| entry.path().is_dir());
    let mut names: Vec<_> = folders
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// A copy of a program, links followed.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, target).unwrap();
        }
    }
}

/// The figures of a program.
struct Row {
    name: String,
    lines: usize,
    counts: Counts,
    /// Calls of functions and methods that 0.3 has not, or has in another form: all, and those that the second step leaves.
    calls: usize,
    left: usize,
}

fn table(rows: &[Row]) -> String {
    let mut text = "| program | lines | paths | awaited | `block_on` | async functions | calls of 0.2 | at 0.3 after the second step |\n| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n".to_owned();
    for row in rows {
        let Counts {
            paths,
            awaited,
            blocking,
            functions,
        } = row.counts;
        let (name, lines, calls) = (&row.name, row.lines, row.calls);
        let done = calls - row.left;
        writeln!(
            text,
            "| `{name}` | {lines} | {paths} | {awaited} | {blocking} | {functions} | {calls} | {done} |"
        )
        .unwrap();
    }
    text
}

/// The second step, on code that is on the facade.
fn idiomatic(files: Vec<Source>) -> Vec<Source> {
    let options = Options::default();
    let done = migrate(files, &options, Safety::Unsafe);
    for (file, report) in done.files.iter().zip(&done.reports) {
        assert_eq!(report.error, None, "{}", file.path.display());
    }
    let again = migrate(done.files.clone(), &options, Safety::Unsafe);
    for (once, twice) in done.files.iter().zip(&again.files) {
        assert_eq!(once.text, twice.text, "{}", once.path.display());
    }
    done.files
}

#[test]
fn all_of_it_moves() {
    let mut rows = Vec::new();
    for name in programs() {
        let copied = tempfile::tempdir().unwrap();
        copy(&folder().join(&name), copied.path());
        let before = collect_whole(&[copied.path().to_path_buf()], &[])
            .unwrap()
            .sources;
        let moved = rewrite(&before, &Facade::default());
        assert!(
            moved.errors.iter().all(Option::is_none),
            "{name}: {:?}",
            moved.errors
        );
        for file in &moved.files {
            let code = file
                .path
                .extension()
                .is_some_and(|extension| extension == "rs");
            if code {
                syn::parse_file(&file.text)
                    .unwrap_or_else(|error| panic!("{}: {error}", file.path.display()));
                for gone in ["wasip2::", "wasi::cli", "wasi::io", "wasi::http"] {
                    assert!(
                        !file.text.contains(gone),
                        "{}: {gone} is left",
                        file.path.display()
                    );
                }
            }
            fs::write(&file.path, &file.text).unwrap();
        }
        let again = collect_whole(&[copied.path().to_path_buf()], &[])
            .unwrap()
            .sources;
        let again = rewrite(&again, &Facade::default());
        assert!(
            again.counts.is_nothing(),
            "{name}: a second run changes something: {:?}",
            again.counts
        );
        for (once, twice) in moved.files.iter().zip(&again.files) {
            assert_eq!(once.text, twice.text, "{}", once.path.display());
        }
        let code = before.iter().filter(|file| {
            file.path
                .extension()
                .is_some_and(|extension| extension == "rs")
        });
        let lines = code.map(|file| file.text.lines().count()).sum();
        let calls = idiom::calls(&before);
        assert_eq!(
            idiom::calls(&moved.files),
            calls,
            "{name}: the facade has the calls of 0.2"
        );
        let after = idiomatic(moved.files);
        if let Some(kept) = env::var_os("CORPUS_KEPT") {
            for file in &after {
                let path = file.path.strip_prefix(copied.path()).unwrap();
                let path = Path::new(&kept).join(&name).join(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, &file.text).unwrap();
            }
        }
        rows.push(Row {
            name,
            lines,
            counts: moved.counts,
            calls,
            left: idiom::calls(&after),
        });
    }
    let made = table(&rows);
    let sum = |of: fn(&Counts) -> usize| rows.iter().map(|row| of(&row.counts)).sum::<usize>();
    let (awaited, blocking) = (sum(|counts| counts.awaited), sum(|counts| counts.blocking));
    let told = format!("{} programs in as many styles", rows.len());
    let share = format!(
        "{} % of them are awaited",
        (awaited * 100 + 50) / (awaited + blocking)
    );
    let calls: usize = rows.iter().map(|row| row.calls).sum();
    let done = calls - rows.iter().map(|row| row.left).sum::<usize>();
    let second = format!("{done} of {calls} calls");
    let guide =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../MIGRATION.md")).unwrap();
    for figure in [told, share, second] {
        assert!(
            guide.contains(&figure),
            "`MIGRATION.md` should say: {figure}"
        );
    }
    let path = folder().join("RESULTS.md");
    println!("{made}\n{done} of {calls} calls");
    if env::var("INSTA_UPDATE").is_ok_and(|value| value == "always") {
        fs::write(&path, &made).unwrap();
    }
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        made,
        "run the tests with `INSTA_UPDATE=always` to write it anew"
    );
}

/// Moves a program's copy with the program, onto the facade of this repository.
fn take(program: &Path) {
    let compat_api = Path::new(env!("CARGO_MANIFEST_DIR")).join("../compat-api");
    let compat_api = compat_api.to_str().unwrap();
    rewritten(program, &["--to", "facade", "--compat-api", compat_api]);
}

/// The second step.
fn go_on(program: &Path) {
    rewritten(program, &["--unsafe"]);
}

fn rewritten(program: &Path, arguments: &[&str]) {
    let output = Command::new(env!("CARGO_BIN_EXE_isyswasfa-migrate"))
        .args(["rewrite", "--allow-dirty"])
        .args(arguments)
        .arg(program)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert_ne!(
        output.status.code(),
        Some(2),
        "{}: {told}",
        program.display()
    );
}

/// Runs cargo on a program, with the features of a backend.
fn cargo(command: &str, program: &Path, target: &Path, features: &[&str]) {
    let output = Command::new("cargo")
        .args([command, "--quiet", "--target", "wasm32-wasip2"])
        .args(features)
        .current_dir(program)
        .env("CARGO_TARGET_DIR", target)
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{}: {told}", program.display());
    // A future that nobody awaits is a warning only.
    assert!(
        !told.contains("unused implementer of `Future`"),
        "{}: {told}",
        program.display()
    );
}

/// Where things are built: in the folder that the environment names, so that it can be kept.
fn target(folder: &Path) -> PathBuf {
    env::var_os("CORPUS_TARGET").map_or_else(|| folder.join("target"), PathBuf::from)
}

const BACKENDS: [[&str; 2]; 2] = [
    ["--features", "compat-api/isyswasfa"],
    ["--features", "compat-api/native"],
];

#[test]
#[ignore = "needs the target `wasm32-wasip2`, and compiles for minutes"]
fn it_compiles_before_and_after() {
    let copied = tempfile::tempdir().unwrap();
    let target = target(copied.path());
    for name in programs() {
        let program = copied.path().join(&name);
        copy(&folder().join(&name), &program);
        cargo("check", &program, &target, &["--workspace"]);
        take(&program);
        // Features are those of the package that one is in.
        let member = program.join("app");
        let package = if member.is_dir() { &member } else { &program };
        let check = || {
            BACKENDS
                .iter()
                .for_each(|backend| cargo("check", package, &target, backend));
        };
        check();
        go_on(&program);
        check();
    }
}

/// Commands, and what is on their standard input.
const COMMANDS: [(&str, &str); 12] = [
    ("closures", "one two\nthree\n"),
    (
        "command-table",
        "echo hi\nsleep 1000\nset a b\necho a\nnothing\ncat original\nexit\n",
    ),
    ("file-tool", ""),
    ("generic-functions", "one two\nthree\n"),
    ("helpers-over-streams", "one two\n# three\nfour\n"),
    ("macros-by-example", "one 2 three\n"),
    ("modules-and-reexports", "one three two\n"),
    ("recursive-descent", "(1 (a 2) <b 3> 44)\n"),
    ("shared-handles", "one two\nthree\n"),
    ("std-traits", "one two\nthree\n"),
    ("timeouts", "one two\nthree\n"),
    ("trait-objects", "one two\nthree\n"),
];

#[test]
#[ignore = "needs the target `wasm32-wasip2` and `target/debug/polyfill-host`, and compiles for minutes"]
fn it_does_the_same_before_and_after() {
    let copied = tempfile::tempdir().unwrap();
    let target = target(copied.path());
    let host = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/debug/polyfill-host");
    for (name, input) in COMMANDS {
        let program = copied.path().join(name);
        copy(&folder().join(name), &program);
        let run = |features: &[&str]| {
            cargo("build", &program, &target, features);
            let built = target.join("wasm32-wasip2/debug");
            let files =
                [name.to_owned(), name.replace('-', "_")].map(|name| built.join(name + ".wasm"));
            let component = files
                .iter()
                .find(|file| file.is_file())
                .expect("it is built");
            let answer = answer(&host, component, input);
            // The next one may have the other name.
            fs::remove_file(component).unwrap();
            answer
        };
        let before = run(&[]);
        assert!(!before.0.is_empty(), "{name} says nothing: {}", before.1);
        for step in [take, go_on] {
            step(&program);
            for backend in BACKENDS {
                assert_eq!(run(&backend), before, "{name}, {backend:?}");
            }
        }
    }
}

/// What a command writes to its standard output, and whether it succeeds.
fn answer(host: &Path, component: &Path, input: &str) -> (String, String) {
    let directory = tempfile::tempdir().unwrap();
    fs::create_dir(directory.path().join("inner")).unwrap();
    for (name, content) in [("original", "content\n"), ("old", "x"), ("inner/file", "y")] {
        fs::write(directory.path().join(name), content).unwrap();
    }
    let mut child = Command::new(host)
        .arg("run")
        .arg("--dir")
        .arg(format!("{}::/", directory.path().display()))
        .arg(component)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("`cargo build` makes the host");
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (text(&output.stdout), output.status.to_string())
}
