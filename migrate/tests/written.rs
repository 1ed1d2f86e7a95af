//! What `isyswasfa-migrate` writes to: links are followed, and what is no regular file stays what it is.
#![cfg(unix)]

use std::fs;
use std::os::unix::fs::{FileTypeExt, symlink};
use std::path::Path;
use std::process::{Command, Output};
use std::thread;
use tempfile::TempDir;

const OLD: &str = "package a:b;\nworld w { include wasi:http/proxy@0.2.0; }\n";
const NEW: &str = "package a:b;\nworld w { include wasi:http/service@0.3.2; }\n";

fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_isyswasfa-migrate"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn git(folder: &Path, arguments: &[&str]) {
    let git = Command::new("git")
        .args(["-c", "user.name=a", "-c", "user.email=a@b"])
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(git.status.success(), "{}", text(&git.stderr));
}

/// A repository with `wit/real.wit`, and a link `link.wit` to it.
fn linked() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("wit")).unwrap();
    fs::write(folder.path().join("wit/real.wit"), OLD).unwrap();
    symlink("wit/real.wit", folder.path().join("link.wit")).unwrap();
    git(folder.path(), &["init", "-q"]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-qm", "a"]);
    folder
}

fn fifo(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

#[test]
fn the_file_behind_a_link_is_rewritten() {
    let folder = linked();
    let done = run(folder.path(), &["rewrite", "link.wit"]);
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    let link = folder.path().join("link.wit");
    assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
    assert_eq!(
        fs::read_to_string(folder.path().join("wit/real.wit")).unwrap(),
        NEW
    );
    assert_eq!(fs::read_dir(folder.path().join("wit")).unwrap().count(), 1);
}

#[test]
fn git_is_asked_for_the_file_behind_a_link() {
    let folder = linked();
    let real = folder.path().join("wit/real.wit");
    let dirty = format!("// not committed\n{OLD}");
    fs::write(&real, &dirty).unwrap();
    let done = run(folder.path(), &["rewrite", "link.wit"]);
    assert_eq!(done.status.code(), Some(2));
    assert!(
        text(&done.stderr).contains("--allow-dirty"),
        "{}",
        text(&done.stderr)
    );
    assert_eq!(fs::read_to_string(&real).unwrap(), dirty);
}

#[test]
fn comments_are_written_behind_a_link() {
    let folder = linked();
    let done = run(
        folder.path(),
        &["check", "link.wit", "--add-allow", "later"],
    );
    assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
    assert!(
        fs::symlink_metadata(folder.path().join("link.wit"))
            .unwrap()
            .is_symlink()
    );
    let real = fs::read_to_string(folder.path().join("wit/real.wit")).unwrap();
    assert!(real.contains("isyswasfa: allow("), "{real}");
}

#[test]
fn reports_go_through_pipes_and_links() {
    let folder = linked();
    for arguments in [
        ["check", "link.wit", "--write-baseline", "out"],
        ["rewrite", "link.wit", "--report", "out"],
    ] {
        let out = folder.path().join("out");
        fifo(&out);
        let reader = {
            let out = out.clone();
            thread::spawn(move || fs::read_to_string(out).unwrap())
        };
        let mut dry = arguments.to_vec();
        if arguments[0] == "rewrite" {
            dry.push("--dry-run");
        }
        let done = run(folder.path(), &dry);
        assert_eq!(done.status.code(), Some(0), "{}", text(&done.stderr));
        let report: serde_json::Value = serde_json::from_str(&reader.join().unwrap()).unwrap();
        assert!(report.is_object() || report.is_array());
        assert!(fs::symlink_metadata(&out).unwrap().file_type().is_fifo());
        fs::remove_file(&out).unwrap();

        symlink("not-yet.json", &out).unwrap();
        run(folder.path(), &dry);
        assert!(fs::symlink_metadata(&out).unwrap().is_symlink());
        fs::remove_file(folder.path().join("not-yet.json")).unwrap();
        fs::remove_file(&out).unwrap();

        let mut failing = dry.clone();
        failing[3] = "no-folder/out";
        let done = run(folder.path(), &failing);
        assert_eq!(done.status.code(), Some(2));
        assert!(text(&done.stderr).contains("failed to write `no-folder/out`"));
    }
}

/// One file's fault is told of that file, beside what is found in the others.
#[test]
fn a_file_that_is_too_deep_costs_no_other_its_findings() {
    let folder = linked();
    let deep = format!(
        "use wasi::io::streams::InputStream;\nfn f() {{ {} }}\n",
        "(".repeat(20_000)
    );
    fs::write(folder.path().join("deep.rs"), deep).unwrap();
    let done = run(folder.path(), &["check", "--output-format", "concise"]);
    assert_eq!(done.status.code(), Some(2));
    let told = text(&done.stdout);
    assert!(told.contains("deep.rs:2:"), "{told}");
    assert!(told.contains("nested too deeply"), "{told}");
    assert!(told.contains("wit/real.wit:2:"), "{told}");
    let done = run(folder.path(), &["diff"]);
    assert_eq!(done.status.code(), Some(2));
    assert!(text(&done.stdout).contains("+world w { include wasi:http/service@0.3.2; }"));
    assert!(text(&done.stderr).contains("deep.rs:2:"));
    let done = run(folder.path(), &["rewrite"]);
    assert_eq!(done.status.code(), Some(2));
    assert_eq!(
        fs::read_to_string(folder.path().join("wit/real.wit")).unwrap(),
        NEW
    );
    // A manifest that does not parse is a file like any other, though it may have the configuration.
    fs::write(
        folder.path().join("Cargo.toml"),
        format!("x = {}\n", "[".repeat(20_000)),
    )
    .unwrap();
    let done = run(folder.path(), &["check", "--output-format", "concise"]);
    assert_eq!(done.status.code(), Some(2));
    let told = text(&done.stdout);
    assert!(
        told.contains("Cargo.toml:1:") && told.contains("deep.rs:2:"),
        "{told}"
    );
}
