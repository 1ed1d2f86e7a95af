//! `polyfill-host compose` as a command: what it writes, and what it says when it cannot.

use http::Request;
use isyswasfa_tests::{Backend, Server, body, exchange, guest, program};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

fn compose(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(program("polyfill-host"))
        .arg("compose")
        .args(arguments)
        .current_dir(folder)
        .env("RUST_BACKTRACE", "1")
        .output()
        .expect("the program runs")
}

/// What it says on stderr, after checking that it ends with status 2 and has written nothing.
fn refused(folder: &Path, arguments: &[&str]) -> String {
    let before = files(folder);
    let output = compose(folder, arguments);
    let stderr = String::from_utf8(output.stderr).expect("text");
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.starts_with("error: "), "{stderr}");
    assert!(stderr.contains("\nhelp: "), "{stderr}");
    assert!(!stderr.contains("stack backtrace"), "{stderr}");
    assert_eq!(files(folder), before, "it has written something");
    stderr
}

fn files(folder: &Path) -> Vec<String> {
    let names = fs::read_dir(folder)
        .unwrap()
        .map(|file| file.unwrap().file_name());
    let mut names: Vec<_> = names.map(|name| name.into_string().unwrap()).collect();
    names.sort();
    names
}

/// A folder with the named guests of one backend.
fn folder(names: &[&str], backend: Backend) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for name in names {
        fs::copy(
            guest(name, backend),
            folder.path().join(format!("{name}.wasm")),
        )
        .unwrap();
    }
    folder
}

#[test]
fn the_output_replaces_what_was_there() {
    let folder = folder(&["middleware", "service"], Backend::Isyswasfa);
    let out = folder.path().join("out.wasm");
    fs::write(&out, "old").unwrap();
    let output = compose(
        folder.path(),
        &[
            "middleware.wasm",
            "--plug",
            "service.wasm",
            "-o",
            "out.wasm",
        ],
    );
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(output.stdout.is_empty() && output.stderr.is_empty());
    assert!(fs::read(&out).unwrap().starts_with(b"\0asm"));
    assert_eq!(
        files(folder.path()),
        ["middleware.wasm", "out.wasm", "service.wasm"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_native_component_is_translated_for_split_ones() {
    let folder = folder(&["middleware"], Backend::Isyswasfa);
    fs::copy(
        guest("service", Backend::Native),
        folder.path().join("service.wasm"),
    )
    .unwrap();
    let output = compose(
        folder.path(),
        &[
            "middleware.wasm",
            "--plug",
            "service.wasm",
            "-o",
            "out.wasm",
        ],
    );
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(
        (output.status.code(), &*said),
        (
            Some(0),
            "note: `service.wasm` is native WASI 0.3: it is translated\n"
        )
    );
    let server = Server::start(&folder.path().join("out.wasm"), &[]).await;
    let request = Request::post("/").body(body::full(b"hello".to_vec()));
    let answer = exchange(server.address, request.unwrap()).await.unwrap();
    assert_eq!((answer.status.as_u16(), answer.text()), (200, "hello"));
}

#[test]
fn components_that_do_not_fit() {
    for backend in Backend::BUILT {
        let folder = folder(&["router", "middleware", "service", "round-trip"], backend);
        let said = refused(
            folder.path(),
            &["router.wasm", "--plug", "service.wasm", "-o", "out.wasm"],
        );
        assert!(
            said.contains("`service.wasm` fits more than one import: `echo`, `hash-all`, `service`, `middleware` of `router.wasm`"),
            "{said}"
        );
        let said = refused(
            folder.path(),
            &[
                "router.wasm",
                "--plug",
                "ehco=service.wasm",
                "-o",
                "out.wasm",
            ],
        );
        assert!(
            said.contains("no component has an import `ehco`") && said.contains("`echo`"),
            "{said}"
        );
        let said = refused(
            folder.path(),
            &[
                "router.wasm",
                "--plug",
                "echo=round-trip.wasm",
                "-o",
                "out.wasm",
            ],
        );
        assert!(
            said.contains("no export of `round-trip.wasm` fits the import `echo` of `router.wasm`"),
            "{said}"
        );
        let said = refused(
            folder.path(),
            &[
                "middleware.wasm",
                "--plug",
                "round-trip.wasm",
                "-o",
                "out.wasm",
            ],
        );
        assert!(said.contains("nothing takes `round-trip.wasm`"), "{said}");
    }
}

#[test]
fn what_is_no_component() {
    let folder = folder(&["service"], Backend::Native);
    fs::write(folder.path().join("module.wat"), "(module)").unwrap();
    for (arguments, expected) in [
        (
            &["module.wat", "--plug", "service.wasm"][..],
            "core WebAssembly module",
        ),
        (
            &["service.wasm", "--plug", "module.wat"],
            "core WebAssembly module",
        ),
        (
            &["service.wasm", "--plug", "gone.wasm"],
            "there is no file `gone.wasm`",
        ),
        (&["service.wasm"], "nothing is plugged into `service.wasm`"),
        (
            &["service.wasm", "--dep", "a:b=c.wasm"],
            "is no `.wac` file",
        ),
    ] {
        let said = refused(folder.path(), &[arguments, &["-o", "out.wasm"]].concat());
        assert!(said.contains(expected), "{said}");
    }
}

#[test]
fn an_output_that_cannot_be_written() {
    let folder = folder(&["middleware", "service"], Backend::Native);
    for place in ["no/such/out.wasm", "."] {
        let arguments = ["middleware.wasm", "--plug", "service.wasm", "-o", place];
        let said = refused(folder.path(), &arguments);
        assert!(
            said.contains(&format!("failed to write `{place}`")),
            "{said}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn documents() {
    let folder = folder(&["middleware", "service"], Backend::Isyswasfa);
    let handler = "wasi:http/handler@0.3.2-isyswasfa";
    let write = |text: &str| fs::write(folder.path().join("app.wac"), text).unwrap();
    let whole = format!(
        "package test:app;\nlet s = new test:service {{ ... }};\n\
         let m = new test:middleware {{ \"{handler}\": s[\"{handler}\"], ... }};\nexport m[\"{handler}\"];\n"
    );
    let deps = [
        "--dep",
        "test:service=service.wasm",
        "--dep",
        "test:middleware=middleware.wasm",
        "-o",
        "out.wasm",
    ];
    let arguments = [&["app.wac"][..], &deps].concat();
    write(&whole);
    let output = compose(folder.path(), &arguments);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    fs::remove_file(folder.path().join("out.wasm")).unwrap();

    // As in `deps` beside it.
    let said = refused(folder.path(), &["app.wac", "-o", "out.wasm"]);
    assert!(
        said.contains("`app.wac:2:13`: unknown package `test:service`"),
        "{said}"
    );
    let said = refused(
        folder.path(),
        &[&arguments[..], &["--dep", "test:more=service.wasm"]].concat(),
    );
    assert!(
        said.contains("`app.wac` mentions no package `test:more`"),
        "{said}"
    );
    let said = refused(
        folder.path(),
        &["app.wac", "--plug", "service.wasm", "-o", "out.wasm"],
    );
    assert!(
        said.contains("`--plug` is given with the `.wac` file"),
        "{said}"
    );
    write(&whole.replace("export m", "export n"));
    let said = refused(folder.path(), &arguments);
    assert!(said.contains("`app.wac:4:8`: undefined name `n`"), "{said}");
    write("package");
    let said = refused(folder.path(), &["app.wac", "-o", "out.wasm"]);
    assert!(said.contains("`app.wac:1:"), "{said}");

    write(&whole);
    fs::copy(
        guest("service", Backend::Native),
        folder.path().join("service.wasm"),
    )
    .unwrap();
    let output = compose(folder.path(), &arguments);
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    assert_eq!(
        said,
        "note: `test:service` is native WASI 0.3: it is translated\n"
    );
    let server = Server::start(&folder.path().join("out.wasm"), &[]).await;
    let request = Request::post("/").body(body::full("hello")).unwrap();
    let answer = exchange(server.address, request).await.unwrap();
    assert_eq!(answer.text(), "hello");
}

#[test]
fn help_has_examples() {
    let output = compose(Path::new("."), &["--help"]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        said.contains("Examples:") && said.contains("--plug service,handler=service.wasm"),
        "{said}"
    );
}
