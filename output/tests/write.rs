//! What becomes of each kind of thing that a path leads to.
#![cfg(unix)]

use isyswasfa_output::{remove, write};
use std::fs::{self, File, Permissions};
use std::io::{ErrorKind, Read};
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use tempfile::{TempDir, tempdir};

fn folder() -> (TempDir, PathBuf) {
    let folder = tempdir().unwrap();
    let file = folder.path().join("out");
    (folder, file)
}

/// The names in a folder: nothing temporary may be left.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o7777
}

fn make(program: &str, arguments: &[&str], path: &Path, rest: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(arguments).arg(path).args(rest);
    command.output().is_ok_and(|output| output.status.success())
}

#[test]
fn a_new_file_is_made() {
    let (folder, file) = folder();
    write(&file, b"new").unwrap();
    assert_eq!(fs::read(&file).unwrap(), b"new");
    assert_eq!(names(folder.path()), ["out"]);
}

#[test]
fn a_file_is_replaced_and_keeps_its_permissions() {
    let (folder, file) = folder();
    fs::write(&file, "a long text that was there before").unwrap();
    fs::set_permissions(&file, Permissions::from_mode(0o751)).unwrap();
    let before = fs::metadata(&file).unwrap();
    // Who serves it goes on reading what it was.
    let mut open = File::open(&file).unwrap();
    write(&file, b"new").unwrap();
    let mut text = String::new();
    open.read_to_string(&mut text).unwrap();
    assert_eq!(text, "a long text that was there before");
    assert_eq!(fs::read(&file).unwrap(), b"new");
    assert_eq!(mode(&file), 0o751);
    let after = fs::metadata(&file).unwrap();
    assert_eq!((before.uid(), before.gid()), (after.uid(), after.gid()));
    assert_eq!(names(folder.path()), ["out"]);
}

#[test]
fn a_link_stays_and_what_it_leads_to_is_replaced() {
    let (folder, file) = folder();
    let inner = folder.path().join("inner");
    fs::create_dir(&inner).unwrap();
    fs::write(inner.join("target"), "old").unwrap();
    fs::set_permissions(inner.join("target"), Permissions::from_mode(0o640)).unwrap();
    // A chain, relative to the folder that each link is in.
    symlink("../second", inner.join("first")).unwrap();
    symlink("inner/target", folder.path().join("second")).unwrap();
    symlink("inner/first", &file).unwrap();
    write(&file, b"new").unwrap();
    assert_eq!(fs::read(inner.join("target")).unwrap(), b"new");
    assert_eq!(mode(&inner.join("target")), 0o640);
    assert!(fs::symlink_metadata(&file).unwrap().is_symlink());
    assert_eq!(names(folder.path()), ["inner", "out", "second"]);
    assert_eq!(names(&inner), ["first", "target"]);
}

#[test]
fn a_link_to_nothing_leads_to_the_new_file() {
    let (folder, file) = folder();
    symlink("not-yet", &file).unwrap();
    write(&file, b"new").unwrap();
    assert_eq!(fs::read(folder.path().join("not-yet")).unwrap(), b"new");
    assert!(fs::symlink_metadata(&file).unwrap().is_symlink());
    assert_eq!(names(folder.path()), ["not-yet", "out"]);

    // Where there is no folder for it, there is no file.
    let (_folder, file) = self::folder();
    symlink("no-folder/not-yet", &file).unwrap();
    assert_eq!(
        write(&file, b"new").unwrap_err().kind(),
        ErrorKind::NotFound
    );
}

#[test]
fn links_that_lead_to_each_other_are_an_error() {
    let (folder, file) = folder();
    symlink("other", &file).unwrap();
    symlink("out", folder.path().join("other")).unwrap();
    let error = write(&file, b"new").unwrap_err();
    assert!(error.to_string().contains("symbolic links"), "{error}");
    assert_eq!(names(folder.path()), ["other", "out"]);
}

#[test]
fn a_fifo_is_written_to() {
    let (folder, file) = folder();
    assert!(make("mkfifo", &[], &file, &[]));
    let link = folder.path().join("link");
    symlink("out", &link).unwrap();
    for path in [&file, &link] {
        let reader = {
            let file = file.clone();
            thread::spawn(move || fs::read(file).unwrap())
        };
        // More than a pipe holds.
        let bytes = vec![b'x'; 1 << 20];
        write(path, &bytes).unwrap();
        assert_eq!(reader.join().unwrap(), bytes);
        assert!(fs::symlink_metadata(&file).unwrap().file_type().is_fifo());
    }
    assert_eq!(names(folder.path()), ["link", "out"]);
}

/// On nodes made for the purpose: the machine's own are not put at risk.
#[test]
fn a_device_is_written_to() {
    let (folder, null) = folder();
    let full = folder.path().join("full");
    let is_made = make("mknod", &[], &null, &["c", "1", "3"])
        && make("mknod", &[], &full, &["c", "1", "7"])
        && File::options().write(true).open(&null).is_ok();
    if !is_made {
        eprintln!("SKIPPED: only root can make devices, in folders that may have them");
        return;
    }
    write(&null, b"gone").unwrap();
    let link = folder.path().join("link");
    symlink("out", &link).unwrap();
    write(&link, b"gone").unwrap();
    // The disk that is always full.
    assert_eq!(
        write(&full, b"x").unwrap_err().kind(),
        ErrorKind::StorageFull
    );
    for device in [&null, &full] {
        let kind = fs::symlink_metadata(device).unwrap().file_type();
        assert!(kind.is_char_device());
    }
    assert_eq!(names(folder.path()), ["full", "link", "out"]);
}

#[test]
fn an_open_file_is_written_to() {
    let (folder, path) = folder();
    fs::write(&path, "what was there before").unwrap();
    let file = File::open(&path).unwrap();
    let own = format!("/dev/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&file));
    if !Path::new(&own).exists() {
        eprintln!("SKIPPED: this system has no `/dev/fd`");
        return;
    }
    let inode = fs::metadata(&path).unwrap().ino();
    write(Path::new(&own), b"new").unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"new");
    assert_eq!(fs::metadata(&path).unwrap().ino(), inode);
    assert_eq!(names(folder.path()), ["out"]);
}

#[test]
fn a_folder_is_an_error() {
    let (folder, _) = folder();
    let error = write(folder.path(), b"new").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::IsADirectory);
    let (folder, file) = self::folder();
    fs::create_dir(folder.path().join("inner")).unwrap();
    symlink("inner", &file).unwrap();
    let error = write(&file, b"new").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::IsADirectory);
    assert!(names(&folder.path().join("inner")).is_empty());
    let error = write(&folder.path().join("new/"), b"new").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::IsADirectory);
}

#[test]
fn where_nothing_can_be_written_everything_stays() {
    let (folder, file) = folder();
    fs::write(&file, "old").unwrap();
    fs::set_permissions(folder.path(), Permissions::from_mode(0o555)).unwrap();
    let written = write(&file, b"new");
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).unwrap();
    match written {
        Err(error) => {
            assert_eq!(error.kind(), ErrorKind::PermissionDenied);
            assert_eq!(fs::read(&file).unwrap(), b"old");
        }
        Ok(()) => eprintln!("SKIPPED: root may write to every folder"),
    }
    assert_eq!(names(folder.path()), ["out"]);
    // Where not even root can make files.
    if Path::new("/proc/self").exists() {
        write(Path::new("/proc/self/new"), b"new").unwrap_err();
    }
}

#[test]
fn a_file_is_removed_with_the_links_to_it() {
    let (folder, file) = folder();
    symlink("second", &file).unwrap();
    symlink("third", folder.path().join("second")).unwrap();
    fs::write(folder.path().join("third"), "old").unwrap();
    remove(&file).unwrap();
    assert!(names(folder.path()).is_empty());
    assert_eq!(remove(&file).unwrap_err().kind(), ErrorKind::NotFound);
    assert!(make("mkfifo", &[], &file, &[]));
    assert_eq!(remove(&file).unwrap_err().kind(), ErrorKind::InvalidInput);
}
