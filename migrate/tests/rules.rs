//! Every rule: its documentation is true, its fixtures are found and rewritten as kept, and what every rewriting must hold.

mod harness;

use harness::{Lang, rewritten};
use isyswasfa_migrate::Options;
use isyswasfa_migrate::rules::{RULES, Rule};
use std::path::{Path, PathBuf};
use std::{fs, panic};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rules")
}

#[test]
fn the_list_is_the_folder() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/rules");
    let mut files = Vec::new();
    for folder in fs::read_dir(&root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
    {
        // What a rule is made of lies in a folder of its name.
        let entries = fs::read_dir(folder)
            .unwrap()
            .map(|file| file.unwrap().path());
        for file in entries.filter(|path| path.is_file()) {
            files.push(
                file.file_stem()
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .replace('_', "-"),
            );
        }
    }
    files.sort();
    let mut names: Vec<_> = RULES.iter().map(|rule| rule.name).collect();
    names.sort_unstable();
    assert_eq!(files, names);
}

/// What a rule's documentation has under "Before" becomes what it has under "After", and the rule is among the reasons.
#[test]
fn documentation_is_true() {
    for rule in RULES {
        println!("{}", rule.name);
        assert!(
            !rule.summary().is_empty()
                && rule.section("Why").is_some()
                && rule.section("Fix").is_some(),
            "`{}` says too little",
            rule.name
        );
        let (lang, before) = block(&rule.section("Before").expect(rule.name));
        let (_, after) = block(&rule.section("After").expect(rule.name));
        let before = lang.whole(&before);
        let found = harness::check(lang, &before, &options(rule));
        assert!(
            found.iter().any(|finding| finding.rule == rule.name),
            "`{}` doesn't find its own example: {found:#?}",
            rule.name
        );
        assert_eq!(
            rewritten(lang, &before, &options(rule)).text,
            lang.whole(&after),
            "`{}`",
            rule.name
        );
    }
}

fn block(section: &str) -> (Lang, String) {
    let (lang, rest) = section.trim_start_matches('`').split_once('\n').unwrap();
    let text = rest.rsplit_once("```").unwrap().0;
    (Lang::named(lang), text.to_owned())
}

/// `tests/rules/RULE/{hit,near-miss,comments}…`: a hit is found by the rule, a near-miss is not, and the rewritten text
/// with what is left to find is kept beside it.
#[test]
fn fixtures() {
    let mut failed = Vec::new();
    for rule in RULES {
        let mut files: Vec<_> = fs::read_dir(folder().join(rule.name))
            .into_iter()
            .flatten()
            .map(|entry| entry.unwrap().path())
            .collect();
        files.retain(|path| {
            path.extension()
                .is_some_and(|extension| extension != "snap" && extension != "new")
        });
        files.sort();
        for kind in ["hit", "near-miss", "comments"] {
            if !files.iter().any(|path| stem(path).starts_with(kind)) {
                failed.push(format!("`{}` has no fixture `{kind}`", rule.name));
            }
        }
        for path in files {
            if panic::catch_unwind(|| fixture(rule, &path)).is_err() {
                failed.push(path.display().to_string());
            }
        }
    }
    assert!(failed.is_empty(), "these failed: {failed:#?}");
}

fn fixture(rule: &Rule, path: &Path) {
    let text = fs::read_to_string(path).unwrap();
    let lang = Lang::of(path);
    let found = harness::check(lang, &text, &options(rule))
        .iter()
        .any(|finding| finding.rule == rule.name);
    assert_eq!(
        found,
        !stem(path).starts_with("near-miss"),
        "`{}` and `{}`",
        rule.name,
        path.display()
    );
    let after = rewritten(lang, &text, &options(rule));
    insta::with_settings!({ snapshot_path => path.parent().unwrap(), prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(stem(path), after.snapshot(&text));
    });
}

/// All rules, but those that must be asked for.
fn options(rule: &Rule) -> Options {
    let select = if rule.is_opt_in() {
        vec![rule.name.to_owned()]
    } else {
        Vec::new()
    };
    Options {
        select,
        ..Options::default()
    }
}

fn stem(path: &Path) -> &str {
    path.file_stem().unwrap().to_str().unwrap()
}
