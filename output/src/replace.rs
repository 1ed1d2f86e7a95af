//! Puts a new file in the place of another one.

use std::fs::{self, File, Metadata};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// (1) Writes all of it to a temporary file in the same folder, (2) gives that the permissions of the file that was there, and
/// (3) its name.
pub fn replace(path: &Path, before: Option<&Metadata>, bytes: &[u8]) -> io::Result<()> {
    let temporary = Temporary::beside(path)?;
    // (1)
    let mut file = &temporary.file;
    file.write_all(bytes)?;
    // (2)
    if let Some(before) = before {
        keep_owner(&temporary.path, before);
        fs::set_permissions(&temporary.path, before.permissions())?;
    }
    file.sync_all()?;
    // (3)
    temporary.rename(path)
}

/// A file that goes when it is dropped.
struct Temporary {
    path: PathBuf,
    file: File,
    is_renamed: bool,
}

impl Temporary {
    /// A new file in the folder of `path`.
    fn beside(path: &Path) -> io::Result<Temporary> {
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        loop {
            let number = NUMBER.fetch_add(1, Ordering::Relaxed);
            let mut own = std::ffi::OsString::from(".");
            own.push(name);
            own.push(format!(".{}.{number}.partial", std::process::id()));
            let path = path.with_file_name(own);
            match File::create_new(&path) {
                Ok(file) => {
                    return Ok(Temporary {
                        path,
                        file,
                        is_renamed: false,
                    });
                }
                // Left behind by a process of the same number.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error),
            }
        }
    }

    fn rename(mut self, to: &Path) -> io::Result<()> {
        fs::rename(&self.path, to)?;
        self.is_renamed = true;
        Ok(())
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        if !self.is_renamed {
            // That it cannot be removed says no more than the error that led here.
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Whoever may not give files away keeps the new one, as with every tool that replaces files.
#[cfg(unix)]
fn keep_owner(path: &Path, before: &Metadata) {
    use std::os::unix::fs::{MetadataExt, chown};
    let is_other =
        fs::metadata(path).is_ok_and(|own| (own.uid(), own.gid()) != (before.uid(), before.gid()));
    if is_other {
        let _ = chown(path, Some(before.uid()), Some(before.gid()));
    }
}

#[cfg(not(unix))]
fn keep_owner(_: &Path, _: &Metadata) {}
