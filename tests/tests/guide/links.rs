//! Every link of a document leads to a file, and to a heading in it.

use super::page::{Page, documents, root};
use std::path::Path;

#[test]
fn every_link_leads_somewhere() {
    let mut wrong = Vec::new();
    let mut checked = 0;
    for path in documents() {
        let page = Page::read(&path);
        for (name, target) in page.links() {
            if target.starts_with("https://") || target.starts_with("http://") {
                continue;
            }
            checked += 1;
            if let Err(why) = follow(&path, &target) {
                wrong.push(format!("{path}: [{name}]({target}): {why}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(checked > 60, "only {checked} links were found");
}

fn follow(from: &str, target: &str) -> Result<(), String> {
    let (file, anchor) = match target.split_once('#') {
        Some((file, anchor)) => (file, Some(anchor)),
        None => (target, None),
    };
    let folder = Path::new(from).parent().unwrap_or(Path::new(""));
    let path = match file {
        "" => from.to_owned(),
        file => folder.join(file).to_str().expect("text").to_owned(),
    };
    if !root().join(&path).exists() {
        return Err(format!("there is no `{path}`"));
    }
    // The guide is a book too, which has its own pages and pictures, and nothing else.
    if from.starts_with("docs/") && file.contains('/') {
        return Err("a page of the guide names other files, but does not link to them".to_owned());
    }
    match anchor {
        Some(anchor)
            if !Page::read(&path)
                .anchors()
                .iter()
                .any(|there| there == anchor) =>
        {
            Err(format!("`{path}` has no heading `#{anchor}`"))
        }
        _ => Ok(()),
    }
}

/// What a page includes is read from another folder too: a relative link in it would lead somewhere else.
#[test]
fn what_the_guide_includes_has_no_relative_links() {
    let mut included = 0;
    for page in super::guide() {
        for line in page.text.lines() {
            let Some(path) = line.strip_prefix("{{#include ../") else {
                continue;
            };
            included += 1;
            let path = path.trim_end_matches("}}");
            let mut relative = Page::read(path).links();
            relative.retain(|(_, to)| !to.contains("://"));
            assert!(relative.is_empty(), "`{path}`: {relative:?}");
        }
    }
    assert_eq!(included, 4);
}
