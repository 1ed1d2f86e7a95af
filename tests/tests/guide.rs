//! The documents are true: the guide's commands answer what its pages say, its code is that of tested files, and all links lead somewhere.

mod commands;
// Its commands are those of a Unix shell.
#[cfg(unix)]
mod console;
mod links;
mod named;
mod page;
mod quotes;

use page::Page;

/// The pages of the guide: those that its table of contents names.
fn guide() -> Vec<Page> {
    let summary = Page::read("docs/SUMMARY.md");
    let links = summary.links().into_iter();
    links
        .map(|(_, target)| Page::read(&format!("docs/{target}")))
        .collect()
}

#[test]
fn every_page_is_in_the_table_of_contents() {
    let mut listed: Vec<_> = guide().into_iter().map(|page| page.path).collect();
    listed.push("docs/SUMMARY.md".to_owned());
    let mut there: Vec<_> = page::documents()
        .into_iter()
        .filter(|path| path.starts_with("docs/"))
        .collect();
    listed.sort();
    there.sort();
    assert_eq!(listed, there);
}
