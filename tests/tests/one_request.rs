//! `docs/one-request.md` is true: the same request, followed again, takes the steps that the page tells and its picture shows.

use isyswasfa_tests::picture::{Page, Steps, trace};

#[tokio::test(flavor = "multi_thread")]
async fn the_steps_are_those_of_the_page() {
    let folder = tempfile::tempdir().unwrap();
    let trace = trace(folder.path()).await.unwrap();
    let steps = Steps::of_last(&trace).unwrap();
    let page = Page::read().unwrap();
    let (text, svg) = page.with(&steps).unwrap();
    let (old_text, old_svg) = page.texts().unwrap();
    let advice = "is not what was traced\nhelp: `cargo xtask picture` writes it again; then look at what the text says of it";
    assert_same(&old_text, &text, advice);
    assert!(old_svg == svg, "the picture {advice}");
}

/// Tells the first line that differs.
fn assert_same(old: &str, new: &str, advice: &str) {
    let mut lines = old.lines().zip(new.lines());
    if let Some((old, new)) = lines.find(|(old, new)| old != new) {
        panic!("the page {advice}\n  page: {old}\n trace: {new}");
    }
    assert!(old == new, "the page {advice}");
}
