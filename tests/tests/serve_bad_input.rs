//! `polyfill-host serve` with what it cannot serve: one clear sentence, exit status 2, no backtrace.

use isyswasfa_tests::{Backend, guest, program};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn serve(arguments: &[&str]) -> Output {
    Command::new(program("polyfill-host"))
        .arg("serve")
        .args(arguments)
        .env("RUST_BACKTRACE", "1")
        .output()
        .expect("the program runs")
}

/// What it says on stderr, after checking how it ends.
fn refused(arguments: &[&str]) -> String {
    let output = serve(arguments);
    let stderr = String::from_utf8(output.stderr).expect("text");
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.starts_with("error: "), "{stderr}");
    assert!(!stderr.contains("stack backtrace"), "{stderr}");
    assert!(
        !stderr.contains('\x1b'),
        "colours without a terminal: {stderr}"
    );
    assert!(output.stdout.is_empty(), "{:?}", output.stdout);
    stderr
}

fn file(folder: &tempfile::TempDir, name: &str, content: &str) -> PathBuf {
    let path = folder.path().join(name);
    std::fs::write(&path, content).expect("a temporary file");
    path
}

fn refused_file(content: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = file(&folder, "app.wasm", content);
    refused(&["--addr", "127.0.0.1:0", text(&path)])
}

fn text(path: &Path) -> &str {
    path.to_str().expect("text")
}

#[test]
fn no_such_file() {
    let said = refused(&["--addr", "127.0.0.1:0", "no/such/app.wasm"]);
    assert!(
        said.contains("there is no file `no/such/app.wasm`\nhelp: "),
        "{said}"
    );
}

#[test]
fn a_directory() {
    let folder = tempfile::tempdir().unwrap();
    let said = refused(&["--addr", "127.0.0.1:0", text(folder.path())]);
    assert!(said.contains("is a directory"), "{said}");
}

#[test]
fn not_wasm() {
    let said = refused_file("fn main() {}");
    assert!(said.contains("app.wasm` is not WebAssembly"), "{said}");
    assert!(said.contains("help: "), "{said}");
    assert!(refused_file("").contains("an empty file"));
}

#[test]
fn a_core_module() {
    let said = refused_file("(module)");
    assert!(
        said.contains("app.wasm` is a core WebAssembly module; a component was expected"),
        "{said}"
    );
    assert!(said.contains("help: make a component of it"), "{said}");
}

#[test]
fn a_component_without_a_handler() {
    let said = refused_file(
        r#"(component (instance $own) (export "my:own/thing@1.0.0" (instance $own)))"#,
    );
    assert!(
        said.contains("exports no HTTP handler; it exports `my:own/thing@1.0.0`"),
        "{said}"
    );
    for backend in Backend::BUILT {
        let help = "help: this is a command, not a server: run it with `polyfill-host run`";
        let said = refused(&["--addr", "127.0.0.1:0", text(&guest("command", backend))]);
        assert!(said.contains("it exports `wasi:cli/run@0.3."), "{said}");
        assert!(said.contains(help), "{said}");
    }
}

#[test]
fn imports_that_the_host_lacks() {
    for handler in [
        "wasi:http/handler@0.3.0",
        "wasi:http/handler@0.3.2-isyswasfa",
        "wasi:http/incoming-handler@0.2.0",
    ] {
        let said = refused_file(&format!(
            r#"(component
                (import "wasi:http/types@0.3.0-rc-2026-03-15" (instance
                    (export "fields" (type (sub resource)))))
                (import "my:own/thing@1.0.0" (instance (export "f" (func))))
                (instance $own)
                (export "{handler}" (instance $own)))"#
        ));
        assert!(said.contains("`my:own/thing@1.0.0`"), "{said}");
        assert!(
            said.contains("`wasi:http/types@0.3.0-rc-2026-03-15` (this host has `wasi:http/types@"),
            "{said}"
        );
    }
}

#[test]
fn a_port_in_use() {
    let other = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = other.local_addr().unwrap().to_string();
    let said = refused(&["--addr", &address, text(&guest("service", Backend::Native))]);
    assert!(
        said.contains(&format!(
            "failed to listen on `{address}`: another program uses the address"
        )),
        "{said}"
    );
    assert!(said.contains("help: choose another port"), "{said}");
}

#[test]
fn options_that_are_not_there() {
    let app = guest("service", Backend::Native);
    let app = text(&app);
    let said = refused(&["-S", "nonsense", app]);
    assert!(
        said.contains("unknown option `-S nonsense`; known are http, cli, p3"),
        "{said}"
    );
    let said = refused(&["-S", "http=n", app]);
    assert!(said.contains("`-S http=n`"), "{said}");
    let said = refused(&["-W", "timeout=soon", app]);
    assert!(said.contains("no duration"), "{said}");
    let said = refused(&["--dir", "/no/such/place", app]);
    assert!(said.contains("`/no/such/place`"), "{said}");
    let said = refused(&["--env", "SURELY_NOT_SET_ANYWHERE", app]);
    assert!(said.contains("SURELY_NOT_SET_ANYWHERE"), "{said}");
    let said = refused(&["--allow-outbound", "http://example.com", app]);
    assert!(said.contains("HOST"), "{said}");
}

#[test]
fn help_lists_every_key() {
    for (flag, key) in [
        ("-S", "inherit-network"),
        ("-W", "max-memory-size"),
        ("-C", "cache"),
        ("-O", "pooling-allocator"),
    ] {
        let output = serve(&[flag, "help"]);
        assert!(output.status.success());
        let said = String::from_utf8(output.stdout).unwrap();
        assert!(said.contains(&format!("{flag} {key}")), "{said}");
    }
    let output = serve(&["--help"]);
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(said.contains("Examples:"), "{said}");
}
