//! `cargo xtask test --hosts`: tests lowered components on other hosts.
//!
//! (1) Build the guests and our own programs. (2) Install the hosts, each into the target folder. (3) Run
//!     `tests/tests/hosts.rs` with their paths, which records what they do, and the tests of projects in other languages. (4)
//!     If all of it passed, write that into `HOSTS.md`.

mod install;
mod record;
mod table;

use crate::guest::{self, Backend};
use crate::languages;
use crate::process;
use crate::project::Project;
use crate::toolchain::Toolchain;
use crate::tools;
use anyhow::{Context, Result};
use std::process::ExitCode;

/// The cases that are served and run there, or refused.
const CASES: [&str; 7] = [
    "command",
    "echo",
    "hash-all",
    "middleware",
    "router",
    "service",
    "walk",
];
/// The hand-written component of WASI 0.2 for comparison.
const PLAIN: &str = "plain";

pub fn run(project: &Project, toolchain: &Toolchain) -> Result<ExitCode> {
    // (1)
    let mut cases = guest::cases(project)?;
    cases.retain(|case| CASES.contains(&case.name.as_str()));
    for backend in Backend::ALL {
        guest::build(toolchain, &cases, Some(backend))?;
    }
    for (package, _) in guest::test_guests(project)? {
        if package.name == PLAIN {
            guest::build(toolchain, &[package], None)?;
        }
    }
    languages::build_all(project)?;
    process::run(process::cargo().current_dir(&project.root).args([
        "build",
        "--workspace",
        "--bins",
        "--test",
        "e2e",
    ]))?;

    // (2)
    let wasmtime = tools::WASMTIME.find_or_build(project)?;
    let wash = install::wash(project)?;
    let python = install::python(project)?;
    let (jco, node) = install::jco(project)?;

    // (3)
    let records = project.target.join("hosts").join("records");
    if records.exists() {
        std::fs::remove_dir_all(&records)
            .with_context(|| format!("failed to remove `{}`", records.display()))?;
    }
    std::fs::create_dir_all(&records)
        .with_context(|| format!("failed to make `{}`", records.display()))?;
    let status = process::cargo()
        .current_dir(&project.root)
        .args(["test", "--workspace", "--test", "e2e", "--"])
        .args(["hosts::", "new_project::languages::"])
        .args(["--include-ignored", "--test-threads", "3"])
        .env("WASMTIME", wasmtime)
        .env("WASH_HOST", &wash.program)
        .env("HOST_PYTHON", &python.program)
        .env("HOST_NODE", node)
        .env("JCO", &jco.program)
        .env(
            "COMPONENTIZE_PY",
            languages::python::install(project)?.program(),
        )
        .env(
            "COMPONENTIZE_QJS",
            languages::javascript::install(project)?.script(),
        )
        .env("HOST_RECORDS", &records)
        .status()?;
    if !status.success() {
        // Cargo has printed what failed.
        return Ok(ExitCode::FAILURE);
    }

    // (4)
    let shown = record::read(&records)?;
    let hosts = [
        table::Host {
            name: "library",
            title: "`wasmtime` as a library, component-model-async off, only WASI 0.2 linked"
                .into(),
            version: tools::WASMTIME.version.into(),
            elsewhere: Some("every case: the backend `lowered` of `cargo xtask test`"),
        },
        table::Host {
            name: "wasmtime",
            title: "`wasmtime`, the program, `-W component-model-async=n`".into(),
            version: tools::WASMTIME.version.into(),
            elsewhere: None,
        },
        table::Host {
            name: "wash-runtime",
            title: format!("`wash-runtime` (wasmCloud), on {}", wash.engine),
            version: wash.version,
            elsewhere: None,
        },
        table::Host {
            name: "wasmtime-py",
            title: format!("`wasmtime` from PyPI, in {}", python.engine),
            version: python.version,
            elsewhere: None,
        },
        table::Host {
            name: "jco",
            title: format!("`jco` from npm, in {}", jco.engine),
            version: jco.version,
            elsewhere: None,
        },
    ];
    let path = project.root.join("HOSTS.md");
    table::write(&path, &hosts, &shown)?;
    eprintln!("kept in {}", path.display());
    Ok(ExitCode::SUCCESS)
}
