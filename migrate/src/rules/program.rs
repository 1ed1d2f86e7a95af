//! Rules about whole programs on the facade `compat_api::p2`: they see the names and types of all files together.

pub mod facade_call;
pub mod facade_path;
pub mod facade_timer;
pub mod unused_facade;

use crate::moves::{Change, moves};

/// What an item of 0.2 (`wasi:io/poll.poll`) is in 0.3, as a sentence.
fn becomes(item: &str) -> Option<String> {
    let item = item.trim_start_matches("exports/");
    let constructor = || moves().get(&format!("{}.constructor", item.strip_suffix(".new")?));
    let entry = moves().get(item).or_else(constructor)?;
    let to = entry.to.as_deref().map(|to| format!("in 0.3 it is `{to}`"));
    let note = (!entry.note.is_empty()).then(|| entry.note.clone());
    let gone = (entry.change == Change::Gone).then(|| "0.3 has nothing of this name".to_owned());
    let parts: Vec<String> = [gone, to, note].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(": "))
}
