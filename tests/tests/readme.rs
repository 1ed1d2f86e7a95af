//! The guests in `README.md`, as a newcomer would make them: outside the repository, from what the
//! page shows and with the commands that it shows.

use http::Request;
use isyswasfa_tests::{
    Backend, Language, Server, body, exchange, on_every_backend, program, start_once_compiled,
    target,
};
use std::fs;
use std::path::Path;
use std::process::Command;

/// The text of the first block of `language`.
fn block<'a>(page: &'a str, language: &str) -> &'a str {
    let start = format!("```{language}\n");
    let (_, rest) = page
        .split_once(&start)
        .unwrap_or_else(|| panic!("no {language}"));
    rest.split_once("```").expect("the block's end").0
}

on_every_backend! {
    async fn the_guest_is_built_and_served(backend) {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let page = fs::read_to_string(root.join("README.md")).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let manifest = folder.path().join("Cargo.toml");
        let here = root.display().to_string();
        fs::write(&manifest, block(&page, "toml").replace("../isyswasfa", &here)).unwrap();
        fs::create_dir(folder.path().join("src")).unwrap();
        fs::write(folder.path().join("src/lib.rs"), block(&page, "rust")).unwrap();
        // The versions that the cases have: nothing to download.
        fs::copy(root.join("cases/Cargo.lock"), folder.path().join("Cargo.lock")).unwrap();

        let component = folder.path().join("hello.wasm");
        let built_for = backend.built();
        // In the target folder where the cases were built, so that their dependencies are there.
        let output = Command::new(program("xtask"))
            .args(["guest", "--backend", built_for.name(), "--manifest-path"])
            .arg(&manifest)
            .arg("-o")
            .arg(&component)
            .env("CARGO_TARGET_DIR", target())
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

        if backend.is_translated() {
            let mut translate = Command::new(program("polyfill-host"));
            translate.arg("translate").arg(&component).arg("-o").arg(&component);
            assert!(translate.status().unwrap().success());
        }
        if backend.before_lowering().is_some() {
            let mut lower = Command::new(program("polyfill-host"));
            lower.arg("lower").arg(&component).arg("-o").arg(&component);
            assert!(lower.status().unwrap().success());
        }
        let server = Server::start(&component, &[]).await;
        let answer = exchange(server.address, Request::get("/there").body(body::empty()).unwrap()).await.unwrap();
        assert_eq!((answer.status.as_u16(), answer.text()), (200, "Hello from /there!\n"));
    }
}

/// The service in Python. Where `pip install` runs, what it would install is there already.
#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn the_python_service_is_built_lowered_and_served() {
    if let Some(why) = Language::Python.missing() {
        eprintln!("left out: {why}");
        return;
    }
    const BEGIN: &str = "polyfill-host new hello --lang python\n";
    let page = include_str!("../../README.md");
    let (_, commands) = page.split_once(BEGIN).expect("the project in Python");
    let (commands, _) = commands.split_once("```").expect("the block's end");
    // The last one serves.
    let (commands, last) = commands
        .split_once("polyfill-host serve ")
        .expect("a server");
    let component = last.split(' ').next().unwrap_or_default();

    let folder = tempfile::tempdir().unwrap();
    let python = target().join("tools/python/bin");
    let programs = program("polyfill-host");
    let path = std::env::var_os("PATH").unwrap_or_default();
    let ours = [programs.parent().map(Path::to_owned), Some(python)];
    let paths = ours
        .into_iter()
        .flatten()
        .chain(std::env::split_paths(&path));
    let output = Command::new("sh")
        .args(["-e", "-c", &format!("{BEGIN}{commands}")])
        .current_dir(folder.path())
        .env("PATH", std::env::join_paths(paths).unwrap())
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&said)
    );

    let server = start_once_compiled(&folder.path().join("hello").join(component)).await;
    let request = Request::get("/there").body(body::empty()).unwrap();
    let answer = exchange(server.address, request).await.unwrap();
    assert_eq!(
        (answer.status.as_u16(), answer.text()),
        (200, "Hello from /there!\n")
    );
}

#[test]
fn the_backends_are_the_ones_that_the_page_names() {
    let page = include_str!("../../README.md");
    for backend in Backend::BUILT {
        assert!(page.contains(&format!("--backend {}", backend.name())));
    }
}
