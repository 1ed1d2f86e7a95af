//! `docs/http.md` lists what is required of a server and a client, each with its test: every one of these must exist.

use std::fs;
use std::path::Path;

#[test]
fn every_test_that_the_page_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let page = fs::read_to_string(root.join("docs/http.md")).unwrap();
    let mut named = 0;
    for row in page.lines().filter(|line| line.starts_with("| ")) {
        // The last column: `FILE::TEST`, several with commas between them, or words.
        let column = row.trim_end_matches('|').rsplit('|').next().unwrap();
        for test in column.split('`').filter(|text| text.contains("::")) {
            let (file, name) = test.split_once("::").unwrap();
            let source = root.join("tests/tests").join(file).with_extension("rs");
            let text =
                fs::read_to_string(&source).unwrap_or_else(|error| panic!("`{test}`: {error}"));
            assert!(
                text.contains(&format!("async fn {name}(")),
                "there is no test `{test}`"
            );
            named += 1;
        }
    }
    assert!(named > 40, "only {named} tests are named");
}
