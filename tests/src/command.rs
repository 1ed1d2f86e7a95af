//! The program under test: `polyfill-host run`, a process of its own.

use crate::guest::program;
use crate::{DEADLINE, within_time};
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, Command};

/// The outcome of a program.
#[derive(Debug, PartialEq, Eq)]
pub struct Ran {
    pub status: i32,
    pub stdout: String,
    pub stderr: String,
}

/// Starts `polyfill-host run OPTIONS COMPONENT ARGUMENTS`, with pipes for its standard streams. Dropping it kills it.
pub fn start(component: &Path, options: &[&str], arguments: &[&str]) -> Child {
    Command::new(program("polyfill-host"))
        .arg("run")
        .args(options)
        .arg(component)
        .args(arguments)
        .env_remove("RUST_LOG")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .expect("the program starts")
}

/// Runs it to its end, with this on stdin.
pub async fn execute(component: &Path, options: &[&str], arguments: &[&str], stdin: &[u8]) -> Ran {
    execute_within(DEADLINE, component, options, arguments, stdin).await
}

/// [`execute`] with another deadline.
pub async fn execute_within(
    limit: Duration,
    component: &Path,
    options: &[&str],
    arguments: &[&str],
    stdin: &[u8],
) -> Ran {
    let mut child = start(component, options, arguments);
    let mut input = child.stdin.take().expect("its stdin");
    let stdin = stdin.to_vec();
    tokio::spawn(async move {
        // The program may not read all of it.
        let _ = input.write_all(&stdin).await;
    });
    let output = within_time(limit, "the program's end", child.wait_with_output())
        .await
        .expect("its output");
    Ran {
        status: output.status.code().expect("no signal"),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}
