//! Reading a folder.

use super::code::{ErrorCode, filesystem_error_code};
use super::convert::DirectoryEntry;
use crate::filesystem::types as p3;
use crate::p2::io::source::Source;
use crate::p2::io::streams::StreamError;
use crate::p2::local::{Local, local};
use std::fmt;

/// How many entries are read at once.
const AHEAD: usize = 64;

/// What is in a folder.
pub struct DirectoryEntryStream(Local<Source<p3::DirectoryEntry>>);

impl DirectoryEntryStream {
    pub(super) fn new(folder: &p3::Descriptor) -> Self {
        let (entries, end) = folder.read_directory();
        let end = async { end.await.map_err(Into::into) };
        DirectoryEntryStream(Local::new(Source::new(entries, end, AHEAD)))
    }

    /// The next entry. None: that was all.
    ///
    /// # Cancellation
    ///
    /// Dropping the future loses nothing.
    pub async fn read_directory_entry(&self) -> Result<Option<DirectoryEntry>, ErrorCode> {
        if let Some(entry) = local(self.next()).await? {
            return Ok(Some(entry.into()));
        }
        Ok(None)
    }

    async fn next(&self) -> Result<Option<p3::DirectoryEntry>, ErrorCode> {
        self.0.wait(AHEAD).await;
        match self.0.take(1) {
            Ok(mut entries) => Ok(entries.pop()),
            Err(StreamError::Closed) => Ok(None),
            Err(StreamError::LastOperationFailed(error)) => {
                Err(filesystem_error_code(&error).unwrap_or(ErrorCode::Io))
            }
        }
    }
}

impl fmt::Debug for DirectoryEntryStream {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DirectoryEntryStream")
            .finish_non_exhaustive()
    }
}
