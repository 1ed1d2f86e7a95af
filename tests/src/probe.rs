//! The guests `probe-run` and `probe-serve`, which try what an option allows, denies or limits.

use crate::body::empty;
use crate::command::execute;
use crate::{Backend, Server, exchange, guest};
use std::fs;

/// The command that a probe is tried with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum With {
    Run,
    Serve,
}

/// The guest's stdin, if it may read that.
const INPUT: &[u8] = b"input";

/// The outcome of a probe.
#[derive(Debug, PartialEq, Eq)]
pub enum Probed {
    /// The guest printed this.
    Said(String),
    /// The guest trapped, or was stopped, with this output of the host.
    Ended(String),
    /// The guest was not started, with this output of the host.
    Refused(String),
}

impl Probed {
    /// The output of the guest or the host.
    pub fn text(&self) -> &str {
        match self {
            Probed::Said(text) | Probed::Ended(text) | Probed::Refused(text) => text,
        }
    }
}

/// Tries the probe `what`, `n` times or with the size `n`, with these options.
pub async fn probe(backend: Backend, with: With, options: &[&str], what: &str, n: usize) -> Probed {
    match with {
        With::Run => run(backend, options, what, n).await,
        With::Serve => serve(backend, options, what, n).await,
    }
}

async fn run(backend: Backend, options: &[&str], what: &str, n: usize) -> Probed {
    let n = n.to_string();
    let ran = execute(&guest("probe-run", backend), options, &[what, &n], INPUT).await;
    match ran.status {
        0 => Probed::Said(ran.stdout.trim_end().to_owned()),
        2 => Probed::Refused(ran.stderr),
        _ => Probed::Ended(ran.stderr),
    }
}

async fn serve(backend: Backend, options: &[&str], what: &str, n: usize) -> Probed {
    let component = guest("probe-serve", backend);
    let server = match Server::try_start(&component, options, INPUT).await {
        Ok(server) => server,
        Err(said) => return Probed::Refused(said),
    };
    let path = format!("/{what}/{n}");
    let request = http::Request::get(path).body(empty());
    let answer = exchange(server.address, request.expect("a request")).await;
    let answer = answer.expect("an answer");
    match answer.status.as_u16() {
        200 => Probed::Said(answer.text().to_owned()),
        status => {
            let (_, log) = server.stop().await;
            Probed::Ended(format!("{status}\n{log}"))
        }
    }
}

/// The keys of an option, as `polyfill-host COMMAND -S help` lists them.
pub fn keys(command: &str, option: &str) -> Vec<String> {
    let output = std::process::Command::new(crate::program("polyfill-host"))
        .args([command, option, "help"])
        .output()
        .expect("the program starts");
    let help = String::from_utf8_lossy(&output.stdout);
    let prefix = format!("  {option} ");
    let lines = help.lines().filter_map(|line| line.strip_prefix(&prefix));
    let keys = lines.map(|line| {
        let end = line.find(['=', '[', ' ']).unwrap_or(line.len());
        line[..end].to_owned()
    });
    keys.collect()
}

/// A folder with one file in it, `file`.
pub fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("file"), "content").expect("a file");
    folder
}
