//! What `-o` writes to: links are followed, devices and pipes are written to, whatever the command.

use isyswasfa_tests::{Backend, guest, program};
use std::fs;
use std::os::unix::fs::{FileTypeExt, symlink};
use std::path::Path;
use std::process::{Command, Output};
use std::thread;

/// Both commands that write a component, with this as the output.
fn commands(out: &Path) -> [Command; 2] {
    let command = |arguments: &[&Path]| {
        let mut command = Command::new(program("polyfill-host"));
        command.args(arguments).arg("-o").arg(out);
        command
    };
    let middleware = guest("middleware", Backend::Isyswasfa);
    let service = guest("service", Backend::Isyswasfa);
    [
        command(&["lower".as_ref(), &service]),
        command(&["compose".as_ref(), &middleware, "--plug".as_ref(), &service]),
    ]
}

fn well(done: &Output) {
    assert!(
        done.status.success(),
        "{}",
        String::from_utf8_lossy(&done.stderr)
    );
}

#[test]
fn the_standard_output_can_be_named() {
    for mut command in commands("/dev/stdout".as_ref()) {
        let done = command.output().unwrap();
        well(&done);
        assert!(done.stdout.starts_with(b"\0asm"));
    }
}

#[test]
fn a_pipe_is_written_to() {
    let folder = tempfile::tempdir().unwrap();
    let fifo = folder.path().join("out");
    assert!(
        Command::new("mkfifo")
            .arg(&fifo)
            .status()
            .unwrap()
            .success()
    );
    for mut command in commands(&fifo) {
        let reader = {
            let fifo = fifo.clone();
            thread::spawn(move || fs::read(fifo).unwrap())
        };
        well(&command.output().unwrap());
        assert!(reader.join().unwrap().starts_with(b"\0asm"));
        assert!(fs::symlink_metadata(&fifo).unwrap().file_type().is_fifo());
    }
}

#[test]
fn a_link_is_followed() {
    let folder = tempfile::tempdir().unwrap();
    let (link, target) = (folder.path().join("out"), folder.path().join("target"));
    symlink("target", &link).unwrap();
    // First there is nothing behind it, then a file.
    for mut command in commands(&link) {
        well(&command.output().unwrap());
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        assert!(fs::read(&target).unwrap().starts_with(b"\0asm"));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    }
}

#[test]
fn what_cannot_be_written_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let looped = folder.path().join("loop");
    symlink("loop", &looped).unwrap();
    for out in [&looped, folder.path(), &folder.path().join("no-folder/out")] {
        for mut command in commands(out) {
            let done = command.output().unwrap();
            assert_eq!(done.status.code(), Some(2), "{}", out.display());
            let said = String::from_utf8_lossy(&done.stderr);
            assert!(said.contains("failed to write"), "{said}");
            assert!(said.contains("help: "), "{said}");
        }
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}
