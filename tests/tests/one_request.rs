//! `docs/one-request.md` is true: the same request, followed again, takes the steps that the page tells and its picture shows.

use isyswasfa_tests::picture::{Page, Steps, trace};

/// What the host does beside the guests may come a step earlier or later when the machine is busy: one of so many runs is as told.
const RUNS: usize = 3;

#[tokio::test(flavor = "multi_thread")]
async fn the_steps_are_those_of_the_page() {
    let page = Page::read().unwrap();
    let (old_text, old_svg) = page.texts().unwrap();
    let mut difference = None;
    for _ in 0..RUNS {
        let folder = tempfile::tempdir().unwrap();
        let trace = trace(folder.path()).await.unwrap();
        let steps = Steps::of_last(&trace).unwrap();
        let (text, svg) = page.with(&steps).unwrap();
        if text == old_text && svg == old_svg {
            return;
        }
        difference = first_difference(&old_text, &text);
    }
    let (page, trace) = difference.unwrap_or(("the picture".to_owned(), "another one".to_owned()));
    panic!(
        "the page is not what was traced\n  page: {page}\n trace: {trace}\n\
         help: `cargo xtask picture` writes it again; then look at what the text says of it"
    );
}

/// The first line that differs.
fn first_difference(old: &str, new: &str) -> Option<(String, String)> {
    let mut lines = old.lines().zip(new.lines());
    let (old, new) = lines.find(|(old, new)| old != new)?;
    Some((old.to_owned(), new.to_owned()))
}
