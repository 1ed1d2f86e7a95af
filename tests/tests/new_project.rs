//! `polyfill-host new`: what it says and writes, and that what it writes builds and runs.

mod languages;
mod rust;

use isyswasfa_tests::program;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// `polyfill-host new ARGUMENTS` in `folder`.
fn new(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(program("polyfill-host"))
        .arg("new")
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("the program runs")
}

/// What it prints when it has made a project.
fn made(folder: &Path, arguments: &[&str]) -> String {
    let output = new(folder, arguments);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    String::from_utf8(output.stdout).unwrap()
}

/// This repository, for `--dev`.
fn repository() -> String {
    format!("{}/..", env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn help() {
    let output = new(Path::new("."), &["--help"]);
    insta::assert_snapshot!(String::from_utf8(output.stdout).unwrap());
}

#[test]
fn what_it_refuses() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("full")).unwrap();
    fs::write(folder.path().join("full/file"), "").unwrap();
    fs::write(folder.path().join("file"), "").unwrap();
    let mut said = String::new();
    for arguments in [
        &["full"][..],
        &["file"],
        &["Hello"],
        &["hello_world"],
        &["1st"],
        &["test"],
        &[".."],
        &["hello", "--world", "middleware", "--lang", "js"],
        &["hello", "--dev", "."],
        &["hello", "--dev", ".", "--lang", "python"],
        &["hello", "--lang", "cobol"],
    ] {
        let output = new(folder.path(), arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
        let text = String::from_utf8(output.stderr).unwrap();
        said.push_str(&format!(
            "$ polyfill-host new {}\n{text}\n",
            arguments.join(" ")
        ));
    }
    insta::assert_snapshot!(said);
    let output = new(folder.path(), &["file/below"]);
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(
        text.starts_with("error: failed to write `file/below/"),
        "{text}"
    );
    assert!(
        !folder.path().join("hello").exists(),
        "it has written something"
    );
    assert_eq!(fs::read_dir(folder.path().join("full")).unwrap().count(), 1);
}

/// Every project: its files, what is printed, and its README, which has the same commands.
#[test]
fn what_it_writes() {
    let folder = tempfile::tempdir().unwrap();
    let mut said = String::new();
    for (language, worlds) in [
        ("rust", &["service", "command", "middleware", "custom"][..]),
        ("python", &["service", "command", "middleware", "custom"]),
        ("js", &["service", "command", "custom"]),
    ] {
        for world in worlds {
            let name = format!("my-{language}-{world}");
            let printed = made(
                folder.path(),
                &[&name, "--lang", language, "--world", world],
            );
            let project = folder.path().join(&name);
            let mut files = Vec::new();
            list(&project, &project, &mut files);
            let readme = fs::read_to_string(project.join("README.md")).unwrap();
            for command in printed.lines().filter_map(|line| line.strip_prefix("  ")) {
                let is_there = readme.lines().any(|line| line == format!("    {command}"));
                assert!(
                    is_there || command == format!("cd {name}"),
                    "{command}\n{readme}"
                );
            }
            for file in &files {
                let text = fs::read_to_string(project.join(file)).unwrap();
                assert!(
                    !text.contains("{{") || file.ends_with(".wit"),
                    "`{file}`: {text}"
                );
            }
            said.push_str(&format!("{printed}\n{}\n\n", files.join("\n")));
        }
    }
    insta::assert_snapshot!(said);
}

/// The files below `folder`, by name, as seen from `project`.
fn list(project: &Path, folder: &Path, files: &mut Vec<String>) {
    let mut paths: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            list(project, &path, files)
        } else {
            files.push(path.strip_prefix(project).unwrap().display().to_string())
        }
    }
}

#[test]
fn published_crates_are_of_this_version() {
    let folder = tempfile::tempdir().unwrap();
    made(folder.path(), &["hello", "--world", "custom"]);
    let manifest = fs::read_to_string(folder.path().join("hello/Cargo.toml")).unwrap();
    let (version, _) = env!("CARGO_PKG_VERSION").rsplit_once('.').unwrap();
    for krate in ["compat-api = { ", "package = \"polyfill-guest\", "] {
        let dependency = format!("{krate}version = \"{version}\"");
        assert!(manifest.contains(&dependency), "{manifest}");
    }
}

/// An empty folder may be there, as one that an editor has made.
#[test]
fn an_empty_folder_will_do() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("hello")).unwrap();
    made(folder.path(), &["hello"]);
    assert!(folder.path().join("hello/src/lib.rs").exists());
}
