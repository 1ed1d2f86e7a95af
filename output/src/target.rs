//! What a path leads to.

use std::fs::{self, Metadata};
use std::io;
use std::path::{Path, PathBuf};

/// As many links in a row as Linux follows.
const LINKS: usize = 40;

pub enum Target {
    /// A regular file, or the place of one that is not there yet.
    Regular {
        path: PathBuf,
        before: Option<Metadata>,
    },
    /// A device, a FIFO or a socket.
    Special(PathBuf),
    Stdout,
    Stderr,
    /// A regular file that some process has open, by the link that stands for it: renaming would not reach who has it open.
    OpenFile(PathBuf),
}

impl Target {
    /// Follows the links from `path` on.
    ///
    /// # Errors
    /// If it is a folder, if it leads nowhere, or if it cannot be looked at.
    pub fn of(path: &Path) -> io::Result<Target> {
        if path.as_os_str().as_encoded_bytes().ends_with(b"/") {
            return Err(io::ErrorKind::IsADirectory.into());
        }
        let mut at = path.to_owned();
        for _ in 0..=LINKS {
            match open_file(&at) {
                Some(1) => return Ok(Target::Stdout),
                Some(2) => return Ok(Target::Stderr),
                Some(_) if fs::metadata(&at)?.is_file() => return Ok(Target::OpenFile(at)),
                // A link of the kernel's: its text (`pipe:[4711]`) is no path, but it can be opened.
                Some(_) => return Ok(Target::Special(at)),
                None => {}
            }
            let metadata = match fs::symlink_metadata(&at) {
                Ok(metadata) => metadata,
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    return Ok(Target::Regular {
                        path: at,
                        before: None,
                    });
                }
                Err(error) => return Err(error),
            };
            if metadata.is_symlink() {
                at = read_link(&at)?;
            } else if metadata.is_dir() {
                return Err(io::ErrorKind::IsADirectory.into());
            } else if metadata.is_file() {
                return Ok(Target::Regular {
                    path: at,
                    before: Some(metadata),
                });
            } else {
                return Ok(Target::Special(at));
            }
        }
        // What the system says of it, in its words.
        fs::metadata(path)?;
        Err(io::Error::other("there are too many links on the way"))
    }
}

/// Where a link leads, from where we are.
pub fn read_link(link: &Path) -> io::Result<PathBuf> {
    let to = fs::read_link(link)?;
    // An absolute path takes the place of the whole.
    Ok(match link.parent() {
        Some(folder) => folder.join(to),
        None => to,
    })
}

/// The number of an open file, if `path` is the kernel's link to one of this process; of another process, a number that is not
/// one of the standard ones.
fn open_file(path: &Path) -> Option<u32> {
    let number = path.file_name()?.to_str()?.parse().ok()?;
    let folder = path.parent()?;
    // `/dev/fd` is a link to it.
    let folder = fs::canonicalize(folder).ok()?;
    let mut names = folder.strip_prefix("/proc").ok()?.iter();
    let process = names.next()?.to_str()?.parse::<u32>().ok()?;
    let rest: Vec<_> = names.collect();
    if rest.last().is_none_or(|last| *last != "fd") {
        return None;
    }
    let is_own = process == std::process::id();
    Some(if is_own { number } else { u32::MAX })
}
