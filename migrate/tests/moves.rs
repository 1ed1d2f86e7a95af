//! The table of moves against the WIT of both versions: it is total, and everything it leads to is there.

use isyswasfa_migrate::items::{Items, items};
use isyswasfa_migrate::moves::{Change, Moves, TEXT};
use std::path::Path;
use wit_parser::Resolve;

fn wasi(folder: &str) -> Items {
    let mut resolve = Resolve {
        all_features: true,
        ..Resolve::default()
    };
    resolve
        .push_dir(
            Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("../wit/wasi")
                .join(folder),
        )
        .unwrap();
    let mut items = items(&resolve, |package| package.namespace == "wasi");
    // What a world imports is not an item of its own.
    items.retain(|name, _| !name.contains(" (world)."));
    items
}

/// From the oldest 0.2 to the newest.
fn wasi_0_2() -> Items {
    let mut all = wasi("0.2.0");
    all.extend(wasi("0.2"));
    all
}

fn table() -> Moves {
    Moves::parse(TEXT).unwrap()
}

#[test]
fn every_item_of_0_2_has_an_entry() {
    let moves = table();
    let items = wasi_0_2();
    assert!(items.len() > 400, "only {} items found", items.len());
    let missing: Vec<_> = items
        .keys()
        .filter(|name| moves.get(name).is_none())
        .collect();
    assert!(missing.is_empty(), "not in `data/moves.toml`: {missing:#?}");
}

#[test]
fn every_entry_is_an_item_of_0_2() {
    let items = wasi_0_2();
    let unknown: Vec<_> = table()
        .entries()
        .map(|(name, _)| name.to_owned())
        .filter(|name| !items.contains_key(name))
        .collect();
    assert!(unknown.is_empty(), "not in WASI 0.2: {unknown:#?}");
}

#[test]
fn every_target_exists_in_0_3() {
    let moves = table();
    let new = wasi("0.3");
    let missing: Vec<_> = moves
        .entries()
        .filter_map(|(name, _)| Some((name, moves.target(name)?)))
        .filter(|(_, target)| !new.contains_key(*target))
        .collect();
    assert!(missing.is_empty(), "these lead nowhere: {missing:#?}");
}

#[test]
fn what_is_gone_or_reshaped_says_how() {
    for (name, entry) in table().entries() {
        let explained = !entry.note.is_empty();
        assert!(
            explained || matches!(entry.change, Change::Kept | Change::Renamed),
            "`{name}` needs a note"
        );
        assert!(
            entry.change != Change::Gone || entry.to.is_none(),
            "`{name}` is gone, but leads somewhere"
        );
        assert_eq!(
            entry.change == Change::Renamed,
            entry.change == Change::Renamed && entry.to.is_some(),
            "`{name}`: renamed to what?"
        );
        assert_ne!(
            entry.to.as_deref(),
            Some(name),
            "`{name}` leads to itself: leave out `to`"
        );
    }
}

/// What the table calls kept or renamed has the same kind and the same signature, but for names that moved.
#[test]
fn what_is_kept_looks_the_same() {
    let (moves, old, new) = (table(), wasi_0_2(), wasi("0.3"));
    let mut wrong = Vec::new();
    for (name, entry) in moves
        .entries()
        .filter(|(_, entry)| matches!(entry.change, Change::Kept | Change::Renamed))
    {
        let (before, after) = (&old[name], &new[moves.target(name).unwrap()]);
        if !same(&before.signature, &after.signature) {
            wrong.push((name, &entry.change, &before.signature, &after.signature));
        }
    }
    assert!(wrong.is_empty(), "these are reshaped: {wrong:#?}");
}

/// Equal, if each name that may have moved is read as its new one, and parameters may be called what they like.
fn same(before: &str, after: &str) -> bool {
    let words = |text: &str| {
        let text = text.strip_prefix("static ").unwrap_or(text);
        let mut words: Vec<String> = Vec::new();
        for word in text.split_inclusive(|c: char| !c.is_ascii_alphanumeric() && c != '-') {
            let (name, end) = word.split_at(
                word.trim_end_matches(|c: char| !c.is_ascii_alphanumeric() && c != '-')
                    .len(),
            );
            let name = match name {
                "datetime" => "instant",
                "instant" => "mark",
                "field-key" => "field-name",
                "incoming-request" | "outgoing-request" => "request",
                "incoming-response" | "outgoing-response" => "response",
                // The name of a parameter.
                _ if end.starts_with(':') => "",
                name => name,
            };
            words.push(format!("{name}{end}"));
        }
        words.concat()
    };
    // `mark` and `instant` of 0.3 stand for themselves.
    let new = |text: &str| words(text).replace("mark", "instant");
    new(before) == new(after)
}
