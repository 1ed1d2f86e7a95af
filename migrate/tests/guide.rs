//! `MIGRATION.md`: its tables are those of the data, and its commands answer what it says. `INSTA_UPDATE=always` writes them anew.

use isyswasfa_migrate::moves::{Change, moves};
use isyswasfa_migrate::rules::RULES;
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
