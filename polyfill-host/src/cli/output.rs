//! Files that this program writes.

use crate::BadInput;
use std::path::Path;

/// Writes a file that appears whole or not at all, since it may be being served; to a device or pipe it writes the bytes.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), BadInput> {
    isyswasfa_output::write(path, bytes).map_err(|error| {
        BadInput::new(format!("failed to write `{}`: {error}", path.display()))
            .help("give the path of a file in a folder that can be written to")
    })
}
