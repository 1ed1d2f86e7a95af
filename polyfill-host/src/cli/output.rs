//! Files that this program writes.

use polyfill_host::BadInput;
use std::fs;
use std::path::{Path, PathBuf};

/// Writes a file that appears whole or not at all: it may be being served.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), BadInput> {
    let mut partial = path.as_os_str().to_owned();
    partial.push(format!(".{}.partial", std::process::id()));
    let partial = PathBuf::from(partial);
    let written = fs::write(&partial, bytes).and_then(|()| fs::rename(&partial, path));
    written.map_err(|error| {
        // It may not have come into being.
        let _ = fs::remove_file(&partial);
        BadInput::new(format!("failed to write `{}`: {error}", path.display()))
            .help("give the path of a file in a folder that can be written to")
    })
}
