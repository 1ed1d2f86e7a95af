//! The hosts: how each is told to serve or to run a component.

use std::path::{Path, PathBuf};
use tokio::process::Command;

pub struct Host {
    /// As the tables call it, and `cargo xtask test --hosts`.
    pub name: &'static str,
    /// Serves the component on this port of 127.0.0.1.
    pub serve: Option<fn(&Path, u16) -> Command>,
    /// Runs the component; with this directory, if there is one, as `/work`.
    pub run: Option<fn(&Path, Option<&Path>) -> Command>,
    /// If an answer is on its way before its handler has returned: how many bytes it may be to stream in a test's time.
    pub streams: Option<u64>,
    /// What it says to a guest that has been built for `polyfill-host`, and to one of WASI 0.3.
    pub refusals: Refusals,
}

/// A part of the error for each build.
pub struct Refusals {
    pub split: &'static str,
    /// One of these.
    pub native: &'static [&'static str],
}

const NOT_ASYNC: &[&str] = &["requires the component model async feature"];

/// An engine in this process.
pub const LIBRARY: Host = Host {
    name: "library",
    serve: None,
    run: None,
    streams: None,
    refusals: Refusals {
        split: "component imports instance `isyswasfa:",
        native: NOT_ASYNC,
    },
};

/// The stock program, without what it has of WASI 0.3.
pub const WASMTIME: Host = Host {
    name: "wasmtime",
    serve: Some(|component, port| {
        let mut command = wasmtime("serve");
        command.args(["-S", "cli", "--addr", &format!("127.0.0.1:{port}")]);
        command.arg(component);
        command
    }),
    run: Some(|component, directory| {
        let mut command = wasmtime("run");
        if let Some(directory) = directory {
            command.arg("--dir").arg(as_work(directory));
        }
        command.arg(component);
        command
    }),
    streams: Some(32 << 20),
    refusals: Refusals {
        split: "component imports instance `isyswasfa:",
        native: NOT_ASYNC,
    },
};

/// wasmCloud's runtime, in a program of ours (`tests/hosts/wash`), which finds its port itself.
pub const WASH: Host = Host {
    name: "wash-runtime",
    serve: Some(|component, _| {
        let mut command = Command::new(installed("WASH_HOST"));
        command.arg(component);
        command
    }),
    run: None,
    streams: None,
    refusals: Refusals {
        split: "requested interfaces that are not available on this host",
        native: &["failed to parse WebAssembly module: invalid leading byte"],
    },
};

/// The package `wasmtime` of Python, in a script of ours (`tests/hosts/python`).
pub const PYTHON: Host = Host {
    name: "wasmtime-py",
    serve: None,
    run: Some(|component, directory| {
        let mut command = Command::new(installed("HOST_PYTHON"));
        command.arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("hosts/python/run.py"));
        if let Some(directory) = directory {
            command.arg("--dir").arg(as_work(directory));
        }
        command.arg(component);
        command
    }),
    streams: None,
    refusals: Refusals {
        split: "component imports instance `isyswasfa:",
        native: &["component imports instance `wasi:"],
    },
};

/// Node. It makes JavaScript of a component first.
pub const JCO: Host = Host {
    name: "jco",
    serve: Some(|component, port| {
        let mut command = jco("serve");
        command.arg(component);
        command.args(["--host", "127.0.0.1", "--port", &port.to_string()]);
        command
    }),
    run: Some(|component, directory| {
        assert!(directory.is_none(), "`jco run` has no option for it");
        let mut command = jco("run");
        command.arg(component);
        command
    }),
    streams: Some(1 << 20),
    refusals: Refusals {
        split: "Received protocol 'isyswasfa:'",
        native: &[
            "does not provide an export named",
            "unexpectedly undefined local import",
        ],
    },
};

fn wasmtime(subcommand: &str) -> Command {
    let mut command = Command::new(installed("WASMTIME"));
    command.args([subcommand, "-W", "component-model-async=n"]);
    command
}

fn jco(subcommand: &str) -> Command {
    let mut command = Command::new(installed("HOST_NODE"));
    command.arg(installed("JCO")).arg(subcommand);
    command
}

fn as_work(directory: &Path) -> String {
    format!("{}::/work", directory.display())
}

/// What `cargo xtask test --hosts` has installed, by the variable that says where.
///
/// # Panics
/// If it does not say so.
pub fn installed(variable: &str) -> PathBuf {
    match std::env::var_os(variable) {
        Some(path) => path.into(),
        None => panic!("`{variable}` is not set\nhelp: `cargo xtask test --hosts` sets it"),
    }
}
