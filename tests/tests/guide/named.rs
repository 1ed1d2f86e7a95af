//! The tests that the guide names exist.

use super::page::{Page, root};
use std::fs;

#[test]
fn the_rules_of_streams_name_tests_that_exist() {
    let page = Page::read("docs/guest-runtime.md");
    let mut named = 0;
    for row in page.text.lines().filter(|line| line.starts_with("| ")) {
        let column = row.trim_end_matches('|').rsplit('|').next().unwrap();
        let (file, names) = match column.split_once(": ") {
            Some((file, names)) => (file.trim().trim_matches('`'), names),
            None => ("rules.rs", column),
        };
        for name in names.split('`').filter(|name| name.contains('_')) {
            let text = fs::read_to_string(root().join("tests/tests").join(file)).unwrap();
            assert!(
                text.contains(&format!("fn {name}(")),
                "there is no test `{name}` in `{file}`"
            );
            named += 1;
        }
    }
    assert!(named > 20, "only {named} tests are named");
}
