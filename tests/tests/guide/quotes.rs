//! Code in documents is that of tested files: a comment before a block, `<!-- from: PATH -->`, names the file that has it, or
//! `<!-- tested by: PATH -->` a test that reads the block itself.

use super::page::{Page, documents, root};
use std::fs;

/// What is compiled, or read by a compiler, or run by tests.
const QUOTED: [&str; 4] = ["rust", "wit", "toml", "js"];
/// Documents whose blocks another test builds or lists.
const TESTED_ELSEWHERE: [&str; 2] = ["README.md", "HOSTS.md"];

#[test]
fn every_block_of_code_is_in_the_file_that_it_is_from() {
    let mut checked = 0;
    for path in documents() {
        if TESTED_ELSEWHERE.contains(&path.as_str()) {
            continue;
        }
        let page = Page::read(&path);
        for block in page.blocks() {
            if !QUOTED.contains(&block.language) {
                continue;
            }
            let named = |what| block.before.strip_prefix(what)?.strip_suffix(" -->");
            if let Some(test) = named("<!-- tested by: ") {
                assert!(
                    root().join(test).is_file(),
                    "`{path}`: there is no `{test}`"
                );
                continue;
            }
            let Some(from) = named("<!-- from: ") else {
                panic!(
                    "`{path}`: a block of {} does not say which file it is from:\n{}",
                    block.language, block.text
                );
            };
            let file = fs::read_to_string(root().join(from));
            let file = file.unwrap_or_else(|error| panic!("`{path}` quotes `{from}`: {error}"));
            assert!(
                has(&file, block.text),
                "`{path}` quotes this from `{from}`, which does not have it:\n{}",
                block.text
            );
            checked += 1;
        }
    }
    assert!(checked > 15, "only {checked} blocks were found");
}

/// Whether the lines of `part` are in `text` one after the other. How far they are indented does not matter, nor that they are an
/// example in a doc comment.
fn has(text: &str, part: &str) -> bool {
    fn lines(text: &str) -> Vec<&str> {
        let lines = text.lines().map(|line| {
            let line = line.trim();
            line.strip_prefix("//!").unwrap_or(line).trim()
        });
        lines.filter(|line| !line.is_empty()).collect()
    }
    let (text, part) = (lines(text), lines(part));
    text.windows(part.len()).any(|window| window == part)
}
