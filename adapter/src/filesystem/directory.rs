//! The entries of a directory as a stream.

use super::{convert, error};
use crate::bindings::p2::filesystem::types::Descriptor;
use crate::bindings::p3::filesystem::types::{DirectoryEntry, ErrorCode};
use crate::input::is_wanted;
use polyfill_guest::StreamWriter;

/// So many entries are offered at once.
const BATCH: usize = 32;

/// Lists the directory, until the reader is gone.
pub async fn list(
    directory: &Descriptor,
    to: &mut StreamWriter<DirectoryEntry>,
) -> Result<(), ErrorCode> {
    let entries = directory.read_directory().map_err(error::code)?;
    while is_wanted(to).await {
        let mut batch = Vec::with_capacity(BATCH);
        let mut end = None;
        while batch.len() < BATCH && end.is_none() {
            match entries.read_directory_entry() {
                Ok(Some(entry)) => batch.push(DirectoryEntry {
                    type_: convert::descriptor_type(entry.type_),
                    name: entry.name,
                }),
                Ok(None) => end = Some(Ok(())),
                Err(code) => end = Some(Err(error::code(code))),
            }
        }
        // What is left over was not wanted: the next round finds the reader gone.
        to.write_all(batch).await;
        if let Some(end) = end {
            return end;
        }
    }
    Ok(())
}
