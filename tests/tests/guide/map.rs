//! The map in `ARCHITECTURE.md` has every folder of the repository, and the tests that a page names exist.

use super::page::{Page, root};
use std::fs;

#[test]
fn the_map_has_every_folder() {
    let page = Page::read("ARCHITECTURE.md");
    let table = page.text.split("| folder | crate | what it is |").nth(1);
    let table = table.expect("the map").lines().skip(2);
    let mut mapped: Vec<_> = table
        .take_while(|line| line.starts_with("| "))
        .map(|line| line.split('`').nth(1).expect("a folder").to_owned())
        .collect();
    let entries = fs::read_dir(root()).unwrap().flatten();
    let mut there: Vec<_> = entries
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().into_string().unwrap())
        .filter(|name| !name.starts_with('.') && name != "target")
        .collect();
    mapped.sort();
    there.sort();
    assert_eq!(mapped, there);
}

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
