//! Writes output files: a regular file appears whole or not at all, links are followed, devices and pipes are written to.
//!
//! A file is replaced by renaming another one, since somebody may be serving it. Renaming would also replace what is no regular
//! file: `-o /dev/null` as root would leave a machine without its null device, and `-o /dev/stdout` would leave it without that
//! link. So:
//!
//! | the path leads to | what is done |
//! | --- | --- |
//! | nothing | a new file is made there |
//! | a regular file | it is replaced, and keeps its permissions and, if that is allowed, its owner |
//! | a device, a pipe (FIFO) | the bytes are written to it |
//! | a link | the same with what the link leads to, also if that is not there yet; the link stays |
//! | an open file of this process (`/dev/stdout`, `/dev/fd/3`) | the bytes are written to it |
//! | a folder | an error |

#![warn(missing_docs)]

mod replace;
mod target;

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use target::Target;

/// Writes `bytes` to what `path` leads to. Opening a FIFO waits until somebody reads from it.
///
/// # Errors
/// As the operating system reports them. What was there before is unchanged then, unless it is no regular file.
pub fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    match Target::of(path)? {
        Target::Regular { path, before } => replace::replace(&path, before.as_ref(), bytes),
        Target::Stdout => through(io::stdout().lock(), bytes),
        Target::Stderr => through(io::stderr().lock(), bytes),
        Target::Special(path) => through(File::options().write(true).open(path)?, bytes),
        Target::OpenFile(path) => {
            let file = File::options().write(true).truncate(true).open(path)?;
            through(file, bytes)
        }
    }
}

/// Removes the file that `path` leads to, and the links on the way to it.
///
/// # Errors
/// As the operating system reports them, or if it is no regular file.
pub fn remove(path: &Path) -> io::Result<()> {
    match Target::of(path)? {
        Target::Regular {
            path: target,
            before: Some(_),
        } => {
            let mut links = vec![target];
            let mut link = path.to_owned();
            while fs::symlink_metadata(&link)?.is_symlink() {
                let next = target::read_link(&link)?;
                links.push(std::mem::replace(&mut link, next));
            }
            links.iter().try_for_each(fs::remove_file)
        }
        Target::Regular { before: None, .. } => Err(io::ErrorKind::NotFound.into()),
        _ => Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            "it is no regular file",
        )),
    }
}

fn through(mut to: impl Write, bytes: &[u8]) -> io::Result<()> {
    to.write_all(bytes)?;
    to.flush()
}
