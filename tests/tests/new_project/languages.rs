//! Python and JavaScript projects: the tools that their READMEs name build them, and they run as components of WASI 0.3.
//!
//! `cargo xtask test --hosts` installs the tools and runs these tests.

use super::{made, new, repository};
use http::Request;
use isyswasfa_tests::command::execute;
use isyswasfa_tests::{Server, body, compose_files, exchange};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What `cargo xtask test --hosts` has installed, by the variable that says where.
fn installed(variable: &str) -> PathBuf {
    match std::env::var_os(variable) {
        Some(path) => path.into(),
        None => panic!("`{variable}` is not set\nhelp: `cargo xtask test --hosts` sets it"),
    }
}

/// A project called `WORLD`, and the tool's command in its folder.
fn project(folder: &Path, language: &str, world: &str, tool: &str) -> Command {
    made(folder, &[world, "--lang", language, "--world", world]);
    let mut command = Command::new(installed(tool));
    command.current_dir(folder.join(world));
    command
}

/// Makes and builds a project.
fn python(folder: &Path, world: &str) -> PathBuf {
    let mut build = project(folder, "python", world, "COMPONENTIZE_PY");
    build.args([
        "-d",
        "wit",
        "-w",
        "app",
        "componentize",
        "app",
        "-o",
        "app.wasm",
    ]);
    built(folder, world, build)
}

/// Makes and builds a project, with the script in its `package.json`.
fn js(folder: &Path, world: &str) -> PathBuf {
    let mut build = project(folder, "js", world, "HOST_NODE");
    build.arg(installed("COMPONENTIZE_QJS"));
    build.args([
        "--wit", "wit", "--world", "app", "--js", "app.js", "--output", "app.wasm",
    ]);
    built(folder, world, build)
}

fn built(folder: &Path, world: &str, mut build: Command) -> PathBuf {
    let output = build.output().expect("the tool starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    folder.join(world).join("app.wasm")
}

async fn serves(component: &Path) {
    let server = Server::start(component, &[]).await;
    let request = Request::get("/there").body(body::empty()).unwrap();
    let answer = exchange(server.address, request).await.unwrap();
    assert_eq!(
        (answer.status.as_u16(), answer.text()),
        (200, "Hello from /there!\n")
    );
}

async fn prints(component: &Path, options: &[&str], arguments: &[&str], expected: &str) {
    let ran = execute(component, options, arguments, b"").await;
    assert_eq!((ran.status, ran.stdout.as_str()), (0, expected), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "`cargo xtask test --hosts` installs `componentize-py` and runs this"]
async fn python_projects() {
    let folder = tempfile::tempdir().unwrap();
    let service = python(folder.path(), "service");
    serves(&service).await;
    let app = folder.path().join("app.wasm");
    let middleware = python(folder.path(), "middleware");
    fs::write(&app, compose_files(&middleware, &[("", &service)]).unwrap()).unwrap();
    serves(&app).await;
    let command = python(folder.path(), "command");
    prints(&command, &[], &["Ada", "Bo"], "Hello, Ada!\nHello, Bo!\n").await;
    let custom = python(folder.path(), "custom");
    prints(
        &custom,
        &["--invoke", "greet(\"Ada\")"],
        &[],
        "\"Hello, Ada!\"\n",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "`cargo xtask test --hosts` installs `componentize-qjs` and runs this"]
async fn js_projects() {
    let folder = tempfile::tempdir().unwrap();
    serves(&js(folder.path(), "service")).await;
    let command = js(folder.path(), "command");
    prints(&command, &[], &["Ada", "Bo"], "Hello, Ada!\nHello, Bo!\n").await;
    let custom = js(folder.path(), "custom");
    prints(
        &custom,
        &["--invoke", "greet(\"Ada\")"],
        &[],
        "\"Hello, Ada!\"\n",
    )
    .await;
}

/// The versions that these tests install are those that projects ask for.
#[test]
fn the_tools_are_of_the_versions_that_projects_ask_for() {
    let folder = tempfile::tempdir().unwrap();
    let read = |path: &Path| fs::read_to_string(path).unwrap();
    let cases = Path::new(&repository()).join("cases");
    for (language, file, here) in [
        ("python", "requirements.txt", "python/requirements.txt"),
        ("js", "package.json", "javascript/package.json"),
    ] {
        assert!(
            new(folder.path(), &[language, "--lang", language])
                .status
                .success()
        );
        let asked = read(&folder.path().join(language).join(file));
        let asked = asked.lines().find(|line| {
            line.contains("componentize-py==") || line.contains("\"componentize-qjs\":")
        });
        let asked = asked.unwrap().trim();
        let installed = read(&cases.join(here));
        let is_there = installed
            .lines()
            .any(|line| line.trim().trim_end_matches([',', '\\', ' ']) == asked);
        assert!(is_there, "`{asked}` is not in `{here}`:\n{installed}");
    }
}
