//! The command `doctor`: whether this machine can build and run components, and what to install.

use anstyle::{AnsiColor, Style};
use anyhow::Result;
use std::path::PathBuf;
use std::process::{Command, ExitCode};

const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default().bold();
const MAYBE: Style = AnsiColor::Yellow.on_default();

/// The newest linker that is known to be too old for the final async ABI. It comes with Rust 1.95.
const LINKER: semver::Version = semver::Version::new(0, 5, 21);
/// The first version of Wasmtime that has the final 0.3 by default.
const WASMTIME: semver::Version = semver::Version::new(46, 0, 0);

/// Says whether this machine can build and run components for 0.2 and 0.3, and what to install
#[derive(clap::Args)]
#[command(after_help = "Exit status: 0 components can be built, 1 something for that is missing.")]
pub struct Arguments {}

enum Found {
    Good(String),
    /// It does less than one might want.
    Limited(String),
    /// Without it, nothing can be built.
    Missing(&'static str),
    /// Not everybody needs it.
    Absent(&'static str),
}

pub fn run(_: Arguments) -> Result<ExitCode> {
    let checks = [
        ("rustc", rustc()),
        ("target wasm32-wasip2", target()),
        ("wasm-component-ld", linker()),
        ("wasmtime", wasmtime()),
        (
            "polyfill-host",
            tool(
                "polyfill-host",
                "runs components of both versions; build it in the repository of this tool: `cargo build --bin polyfill-host`",
            ),
        ),
        (
            "wac",
            tool("wac", "composes components: `cargo install wac-cli`"),
        ),
        (
            "wkg",
            tool("wkg", "fetches WIT packages: `cargo install wkg`"),
        ),
        (
            "wasm-tools",
            tool(
                "wasm-tools",
                "looks into components: `cargo install wasm-tools`",
            ),
        ),
    ];
    let mut missing = false;
    for (name, found) in checks {
        let (style, mark, text) = match found {
            Found::Good(text) => (GOOD, "ok", text),
            Found::Limited(text) => (MAYBE, "old", text),
            Found::Absent(help) => (MAYBE, "-", help.to_owned()),
            Found::Missing(help) => {
                missing = true;
                (BAD, "missing", help.to_owned())
            }
        };
        say!("{style}{mark:>8}{style:#} {name}: {text}");
    }
    Ok(ExitCode::from(u8::from(missing)))
}

/// The first line that a program prints about its version.
fn version(program: &str) -> Option<String> {
    let output = Command::new(program)
        .arg("--version")
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .next()
        .map(str::to_owned)
}

fn number(version: &str) -> Option<semver::Version> {
    version
        .split_whitespace()
        .find_map(|word| semver::Version::parse(word).ok())
}

fn tool(program: &str, help: &'static str) -> Found {
    version(program).map_or(Found::Absent(help), Found::Good)
}

fn rustc() -> Found {
    version("rustc").map_or(Found::Missing("https://rustup.rs"), Found::Good)
}

fn sysroot() -> Option<PathBuf> {
    let output = Command::new("rustc")
        .args(["--print", "sysroot"])
        .output()
        .ok()
        .filter(|output| output.status.success())?;
    Some(PathBuf::from(
        String::from_utf8_lossy(&output.stdout).trim(),
    ))
}

fn target() -> Found {
    let Some(sysroot) = sysroot() else {
        return Found::Missing("there is no rustc to have it");
    };
    match sysroot.join("lib/rustlib/wasm32-wasip2/lib").is_dir() {
        true => {
            Found::Good("installed; std is of 0.2 in it, which hosts of 0.3 have too".to_owned())
        }
        false => Found::Missing("`rustup target add wasm32-wasip2`"),
    }
}

fn linker() -> Found {
    let Some(sysroot) = sysroot() else {
        return Found::Missing("it comes with rustc");
    };
    let hosts = std::fs::read_dir(sysroot.join("lib/rustlib"))
        .into_iter()
        .flatten()
        .flatten();
    let found = hosts
        .map(|host| host.path().join("bin/wasm-component-ld"))
        .find(|path| path.is_file());
    let Some(version) = found.and_then(|path| version(path.to_str()?)) else {
        return Found::Missing("it comes with rustc; or `cargo install wasm-component-ld`");
    };
    match number(&version) {
        Some(number) if number <= LINKER => Found::Limited(format!(
            "{version}: for 0.2, and for the split ABI; too old for native 0.3: `cargo install wasm-component-ld`, and `-Clinker=wasm-component-ld`"
        )),
        _ => Found::Good(version),
    }
}

fn wasmtime() -> Found {
    let Some(version) = version("wasmtime") else {
        return Found::Absent("runs components: https://wasmtime.dev");
    };
    match number(&version) {
        Some(number) if number < WASMTIME => Found::Limited(format!(
            "{version}: 0.2 only; the final 0.3 from {} on",
            WASMTIME.major
        )),
        _ => Found::Good(version),
    }
}
