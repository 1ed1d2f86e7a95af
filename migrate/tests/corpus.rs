//! The corpus: programs for WASI 0.2 in the styles of real code, moved onto the facade. `INSTA_UPDATE=always` writes the table of figures anew.
//!
//! `cargo test --test corpus -- --ignored` also compiles them before and after, with the crate `compat-api` of this repository.

use isyswasfa_migrate::facade::{Counts, Facade, rewrite};
use isyswasfa_migrate::walk::collect_whole;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
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

fn table(rows: &[(String, usize, Counts)]) -> String {
    let mut text = "| program | lines | paths | awaited | `block_on` | async functions |\n| --- | ---: | ---: | ---: | ---: | ---: |\n".to_owned();
    for (name, lines, counts) in rows {
        let Counts {
            paths,
            awaited,
            blocking,
            functions,
        } = counts;
        writeln!(
            text,
            "| `{name}` | {lines} | {paths} | {awaited} | {blocking} | {functions} |"
        )
        .unwrap();
    }
    text
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
        rows.push((
            name,
            code.map(|file| file.text.lines().count()).sum(),
            moved.counts,
        ));
    }
    let made = table(&rows);
    let sum =
        |of: fn(&Counts) -> usize| rows.iter().map(|(_, _, counts)| of(counts)).sum::<usize>();
    let (awaited, blocking) = (sum(|counts| counts.awaited), sum(|counts| counts.blocking));
    let told = format!("{} programs in as many styles", rows.len());
    let share = format!(
        "{} % of them are awaited",
        (awaited * 100 + 50) / (awaited + blocking)
    );
    let guide =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("../MIGRATION.md")).unwrap();
    for figure in [told, share] {
        assert!(
            guide.contains(&figure),
            "`MIGRATION.md` should say: {figure}"
        );
    }
    let path = folder().join("RESULTS.md");
    if env::var("INSTA_UPDATE").is_ok_and(|value| value == "always") {
        fs::write(&path, &made).unwrap();
    }
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        made,
        "run the tests with `INSTA_UPDATE=always` to write it anew"
    );
}

#[test]
#[ignore = "needs the target `wasm32-wasip2`, and compiles for minutes"]
fn it_compiles_before_and_after() {
    let compat_api = Path::new(env!("CARGO_MANIFEST_DIR")).join("../compat-api");
    let copied = tempfile::tempdir().unwrap();
    let target = copied.path().join("target");
    let check = |folder: &Path, features: &[&str]| {
        let output = Command::new("cargo")
            .args([
                "check",
                "--quiet",
                "--workspace",
                "--target",
                "wasm32-wasip2",
            ])
            .args(features)
            .current_dir(folder)
            .env("CARGO_TARGET_DIR", &target)
            .output()
            .unwrap();
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{}: {told}", folder.display());
        // A future that nobody awaits is a warning only.
        assert!(
            !told.contains("unused implementer of `Future`"),
            "{}: {told}",
            folder.display()
        );
    };
    for name in programs() {
        let program = copied.path().join(&name);
        copy(&folder().join(&name), &program);
        check(&program, &[]);
        let output = Command::new(env!("CARGO_BIN_EXE_isyswasfa-migrate"))
            .args(["rewrite", "--to", "facade", "--allow-dirty", "--compat-api"])
            .arg(&compat_api)
            .arg(&program)
            .output()
            .unwrap();
        assert_ne!(
            output.status.code(),
            Some(2),
            "{name}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        check(&program, &[]);
        check(&program, &["--features", "compat-api/native"]);
    }
}
