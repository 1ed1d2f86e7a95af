//! `MIGRATION.md`: its tables are those of the data, and its commands answer what it says. `INSTA_UPDATE=always` writes them anew.

use isyswasfa_migrate::moves::{Change, moves};
use isyswasfa_migrate::proposals::proposals;
use isyswasfa_migrate::rules::RULES;
use isyswasfa_migrate::wrappers::wrappers;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

fn guide() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../MIGRATION.md")
}

#[test]
fn it_is_current() {
    let kept = fs::read_to_string(guide()).unwrap();
    let mut made = with_section(&kept, "rules", &rules());
    made = with_section(&made, "moves", &tables());
    made = with_section(&made, "wrappers", &wrapped());
    made = with_section(&made, "proposals", &proposed());
    made = with_answers(&made);
    if env::var("INSTA_UPDATE").is_ok_and(|value| value == "always") {
        fs::write(guide(), &made).unwrap();
    } else {
        let differ = kept
            .lines()
            .zip(made.lines())
            .find(|(kept, made)| kept != made);
        assert_eq!(
            kept, made,
            "run the tests with `INSTA_UPDATE=always` to write it anew; first difference: {differ:#?}"
        );
    }
}

fn with_section(text: &str, name: &str, content: &str) -> String {
    let mark = format!("<!-- {name} -->\n");
    let start = text.find(&mark).unwrap() + mark.len();
    let end = start + text[start..].find("<!-- end -->").unwrap();
    format!("{}{content}{}", &text[..start], &text[end..])
}

fn rules() -> String {
    let mut table =
        "| rule | about | what it finds | fix |\n| --- | --- | --- | --- |\n".to_owned();
    for rule in RULES {
        let fix = rule.section("Fix").unwrap();
        let fix = match fix.split([':', ',', ' ', '.']).next().unwrap() {
            "Safe" => "safe",
            "Unsafe" => "unsafe",
            "None" => "by hand",
            other => panic!(
                "`{}` doesn't begin with how safe its fix is: `{other}`",
                rule.name
            ),
        };
        let summary = rule.summary();
        writeln!(
            table,
            "| `{}` | {} | {} | {fix} |",
            rule.name,
            rule.group(),
            summary.trim_start_matches("Finds ").trim_end_matches('.')
        )
        .unwrap();
    }
    table
}

/// The crates that wrap WASI, those with a version of 0.3 first.
fn wrapped() -> String {
    let mut table =
        "| crate | newest | first on 0.3 | by | looked up |\n| --- | --- | --- | --- | --- |\n"
            .to_owned();
    let mut all: Vec<_> = wrappers().iter().collect();
    all.sort_by_key(|wrapper| (wrapper.first.is_none(), &wrapper.name));
    for wrapper in all {
        let first = match (&wrapper.first, &wrapper.candidates) {
            (Some(first), _) => first.to_string(),
            (None, Some(candidates)) => format!("none yet; {candidates}"),
            (None, None) => "none yet".to_owned(),
        };
        writeln!(
            table,
            "| `{}` | {} | {first} | {} | {} |",
            wrapper.name, wrapper.newest, wrapper.bindings, wrapper.checked
        )
        .unwrap();
    }
    table
}

fn proposed() -> String {
    let mut table = "| proposal | for 0.2 | for 0.3 | takes from `wasi:io` | looked up |\n| --- | --- | --- | --- | --- |\n".to_owned();
    for (name, proposal) in proposals() {
        let takes = proposal.takes.iter();
        let takes: Vec<_> = takes
            .map(|(interface, what)| format!("`{interface}`: {what}"))
            .collect();
        writeln!(
            table,
            "| `wasi:{name}` | {} | {} | {} | {}, {} |",
            proposal.old,
            proposal.new.as_deref().unwrap_or("none yet"),
            if takes.is_empty() {
                "nothing".to_owned()
            } else {
                takes.join("; ")
            },
            proposal.checked,
            proposal.source
        )
        .unwrap();
    }
    table
}

/// The settings that the guide shows are understood.
#[test]
fn the_settings_are_understood() {
    let kept = fs::read_to_string(guide()).unwrap();
    let (_, section) = kept.split_once("<!-- config -->\n").unwrap();
    let (section, _) = section.split_once("<!-- end -->").unwrap();
    let blocks: Vec<_> = section.split("```toml\n# ").skip(1).collect();
    assert_eq!(blocks.len(), 2);
    for block in blocks {
        let (name, text) = block.split_once('\n').unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(name), text.split("```").next().unwrap()).unwrap();
        let config = isyswasfa_migrate::config::find(folder.path()).unwrap();
        assert_eq!(config.ignore, ["shared-static"], "{name}");
    }
}

fn tables() -> String {
    let mut text = String::new();
    let mut package = "";
    for (name, entry) in moves().entries() {
        let (of, item) = name.split_once('/').unwrap();
        let parent = name.rsplit_once('.').and_then(|(parent, _)| {
            moves()
                .target(parent)
                .map(|target| (target, name.rsplit('.').next().unwrap()))
        });
        // What follows from its interface's or type's new name.
        let follows = parent.is_some_and(|(parent, own)| {
            entry.change == Change::Renamed
                && entry.to.as_deref() == Some(&format!("{parent}.{own}"))
        });
        if entry.change == Change::Kept || follows {
            continue;
        }
        if of != package {
            package = of;
            write!(
                text,
                "\n### `{package}`\n\n| 0.2 | 0.3 | |\n| --- | --- | --- |\n"
            )
            .unwrap();
        }
        let item = item
            .strip_suffix(" (world)")
            .map_or(format!("`{item}`"), |world| format!("world `{world}`"));
        let to = match (&entry.to, entry.change) {
            (_, Change::Gone) => "gone".to_owned(),
            (None, _) => item.clone(),
            (Some(to), _) => format!(
                "`{}`",
                to.trim_end_matches(" (world)")
                    .trim_start_matches(&format!("{package}/"))
            ),
        };
        writeln!(
            text,
            "| {item} | {to} | {} |",
            entry.note.replace('|', "\\|")
        )
        .unwrap();
    }
    text + "\n"
}

/// Runs the command of each `console` block, in a copy of the example, and writes its answer behind it.
fn with_answers(text: &str) -> String {
    let example = tempfile::tempdir().unwrap();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/example");
    fs::create_dir(example.path().join("src")).unwrap();
    for file in ["Cargo.toml", "src/lib.rs"] {
        fs::copy(source.join(file), example.path().join(file)).unwrap();
    }
    let mut parts = text.split("```console\n$ isyswasfa-migrate ");
    let mut result = parts.next().unwrap().to_owned();
    for part in parts {
        let (block, rest) = part.split_once("```").unwrap();
        let command = block.lines().next().unwrap();
        let output = Command::new(env!("CARGO_BIN_EXE_isyswasfa-migrate"))
            .args(command.split(' '))
            .current_dir(example.path())
            .output()
            .unwrap();
        assert!(
            output.stderr.is_empty(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let answer = String::from_utf8(output.stdout).unwrap();
        write!(
            result,
            "```console\n$ isyswasfa-migrate {command}\n{}\n```{rest}",
            answer.trim_end()
        )
        .unwrap();
    }
    result
}
