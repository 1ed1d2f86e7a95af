//! Commands that documents show, without running them: the programs have the options.

use super::page::{Page, documents};
use isyswasfa_tests::program;
use std::collections::HashMap;
use std::process::Command;

/// How documents call a program of the workspace, and which that is.
const PROGRAMS: [(&str, &str); 3] = [
    ("polyfill-host ", "polyfill-host"),
    ("cargo run --bin polyfill-host -- ", "polyfill-host"),
    ("cargo xtask ", "xtask"),
];

#[test]
fn every_option_that_a_document_shows_is_there() {
    let mut helps = HashMap::new();
    let mut checked = 0;
    for path in documents() {
        let page = Page::read(&path);
        for block in page.blocks() {
            if !["sh", "console"].contains(&block.language) {
                continue;
            }
            let text = block.text.replace("\\\n", " ");
            for line in text.lines() {
                let line = line.strip_prefix("$ ").unwrap_or(line);
                let line = line.split("    #").next().unwrap_or_default();
                let Some((call, name)) = PROGRAMS.iter().find(|(call, _)| line.starts_with(call))
                else {
                    continue;
                };
                let mut words = line[call.len()..].split(' ');
                let command = words.next().unwrap_or_default().to_owned();
                let help = helps
                    .entry((*name, command.clone()))
                    .or_insert_with(|| help(name, &command));
                for word in words.take_while(|word| !["|", ";", "&", "--"].contains(word)) {
                    let option = word.split('=').next().unwrap_or_default();
                    if option.starts_with("--") {
                        assert!(
                            help.contains(option),
                            "`{path}`: `{name} {command}` has no option `{option}`"
                        );
                    }
                }
                checked += 1;
            }
        }
    }
    assert!(checked > 30, "only {checked} commands were found");
}

fn help(name: &str, command: &str) -> String {
    let output = Command::new(program(name))
        .args([command, "--help"])
        .output()
        .expect("the program runs");
    assert!(output.status.success(), "there is no `{name} {command}`");
    String::from_utf8(output.stdout).expect("text")
}
