//! Commands: they print and end as they do on `polyfill-host`.

use super::host::Host;
use super::process::Ended;
use super::record::Shown;
use isyswasfa_tests::command::execute;
use isyswasfa_tests::{Backend, Language, Variant, guest};
use std::path::Path;

/// Its arguments arrive, and its result is the status.
pub async fn command(host: &Host) {
    let directory = None;
    alike(host, "command", directory, &["an", "argument"], true).await;
    alike(host, "command", directory, &["fail"], false).await;
    host.shown(Shown::Runs("command"));
}

/// The same command in Python.
pub async fn python(host: &Host) {
    says_hello(host, Language::Python).await;
    host.shown(Shown::Runs("command.py"));
}

/// The same command in JavaScript.
pub async fn javascript(host: &Host) {
    says_hello(host, Language::JavaScript).await;
    host.shown(Shown::Runs("command.js"));
}

async fn says_hello(host: &Host, language: Language) {
    let backend = Backend::TranslatedLowered;
    let command = Variant { language, backend }.guest("command");
    let run = host.run.expect("a host that runs commands");
    for (argument, succeeds) in [("argument", true), ("fail", false)] {
        let mut there = run(&command, None);
        there.arg(argument);
        let there = Ended::of(there).await;
        assert_eq!(there.stdout, "hello, command line\n", "{}", there.stderr);
        assert_eq!(there.status == Some(0), succeeds, "{}", there.stderr);
    }
}

/// Files, directories and links.
pub async fn walk(host: &Host) {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("inner");
    std::fs::create_dir(&inner).unwrap();
    std::fs::write(folder.path().join("a"), "hello").unwrap();
    std::fs::write(inner.join("b"), vec![0; 100_000]).unwrap();
    std::os::unix::fs::symlink("a", folder.path().join("link")).unwrap();
    alike(host, "walk", Some(folder.path()), &["/work"], true).await;
    host.shown(Shown::Runs("walk"));
}

async fn alike(
    host: &Host,
    case: &str,
    directory: Option<&Path>,
    arguments: &[&str],
    succeeds: bool,
) {
    let run = host.run.expect("a host that runs commands");
    let mut there = run(&guest(case, Backend::Lowered), directory);
    there.args(arguments);
    let there = Ended::of(there).await;

    let option = directory.map(|directory| format!("{}::/work::ro", directory.display()));
    let options: Vec<&str> = option.iter().flat_map(|dir| ["--dir", dir]).collect();
    let split = guest(case, Backend::Isyswasfa);
    let here = execute(&split, &options, arguments, b"").await;

    assert_eq!(there.stdout, here.stdout, "{}", there.stderr);
    assert!(!here.stdout.is_empty());
    assert_eq!(here.status == 0, succeeds, "{}", here.stderr);
    assert_eq!(there.status == Some(0), succeeds, "{}", there.stderr);
}
