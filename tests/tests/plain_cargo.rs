//! Guests that plain Cargo builds, without a program of this repository.
//!
//! What makes a component of the module reads WIT that the guest macro has written, so that it must know async functions, streams
//! and futures if the guest is native. These versions have been tried, with both backends:
//!
//! | what makes the component | versions |
//! | --- | --- |
//! | `cargo build --target wasm32-wasip2`: the `wasm-component-ld` that comes with Rust | Rust 1.95.0 (0.5.21) and 1.99.1 (0.5.27) |
//! | `wasm-tools component new`, after `cargo build --target wasm32-unknown-unknown` | wit-component 0.262 |
//!
//! What other tests of `wasm32-wasip2` there are: every Rust project of `polyfill-host new` (`new_project.rs`), and the guest of
//! `examples` (`examples.rs`).

use isyswasfa_tests::command::execute;
use isyswasfa_tests::{Backend, cargo_build};
use std::fs;
use std::path::{Path, PathBuf};
use wit_component::ComponentEncoder;

/// A package called `name`, outside of the repository, with this beside its dependency on `compat-api`.
fn package(name: &str, manifest: &str, source: &str, code: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let api = Path::new(env!("CARGO_MANIFEST_DIR")).join("../compat-api");
    let api = serde_json::Value::from(api.display().to_string());
    let manifest = format!(
        "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n{manifest}\n\
         [features]\nisyswasfa = [\"compat-api/isyswasfa\"]\nnative = [\"compat-api/native\"]\n\n\
         [dependencies]\ncompat-api = {{ path = {api}, default-features = false }}\n"
    );
    fs::write(folder.path().join("Cargo.toml"), manifest).unwrap();
    fs::create_dir(folder.path().join("src")).unwrap();
    fs::write(folder.path().join("src").join(source), code).unwrap();
    folder
}

/// What it prints with the argument `Ada`.
async fn printed(component: &Path) -> String {
    let ran = execute(component, &[], &["Ada"], b"").await;
    assert_eq!(ran.status, 0, "{ran:?}");
    ran.stdout
}

/// A program has a `main` because Rust wants one; hosts call the async `run`.
#[tokio::test(flavor = "multi_thread")]
async fn a_program_with_a_main() {
    let code = "\
use compat_api::clocks::monotonic_clock;

struct Program;

compat_api::cli::command::export!(Program);

impl compat_api::exports::cli::run::Guest for Program {
    async fn run() -> Result<(), ()> {
        print!(\"before, \");
        monotonic_clock::wait_for(1_000_000).await;
        println!(\"after, {:?}\", std::env::args().nth(1));
        Ok(())
    }
}

fn main() {
    panic!(\"nobody calls it\")
}
";
    let folder = package("plain-program", "", "main.rs", code);
    for backend in Backend::BUILT {
        let built = cargo_build(
            folder.path(),
            backend,
            "wasm32-wasip2",
            "plain-program.wasm",
        );
        assert_eq!(
            printed(&built).await,
            "before, after, Some(\"Ada\")\n",
            "{backend:?}"
        );
    }
}

/// The module that Cargo makes for `wasm32-unknown-unknown` holds all that `wasm-tools component new` needs.
#[tokio::test(flavor = "multi_thread")]
async fn a_module_and_wasm_tools() {
    let code = "\
use compat_api::cli::{environment, stdout};
use compat_api::wit_stream;

struct Module;

compat_api::cli::command::export!(Module);

impl compat_api::exports::cli::run::Guest for Module {
    async fn run() -> Result<(), ()> {
        let (mut out, lines) = wit_stream::new();
        let written = stdout::write_via_stream(lines);
        let text = format!(\"{:?}\\n\", environment::get_arguments().last());
        out.write_all(text.into_bytes()).await;
        drop(out);
        written.await.map_err(drop)
    }
}
";
    let manifest = "[lib]\ncrate-type = [\"cdylib\"]\n";
    let folder = package("plain-module", manifest, "lib.rs", code);
    for backend in Backend::BUILT {
        let module = cargo_build(
            folder.path(),
            backend,
            "wasm32-unknown-unknown",
            "plain_module.wasm",
        );
        let component = component_new(&module);
        assert_eq!(printed(&component).await, "Some(\"Ada\")\n", "{backend:?}");
    }
}

/// What `wasm-tools component new` does: the program is a few lines around this library.
fn component_new(module: &Path) -> PathBuf {
    let bytes = fs::read(module).unwrap();
    let mut encoder = ComponentEncoder::default();
    let component = encoder
        .validate(true)
        .module(&bytes)
        .and_then(ComponentEncoder::encode);
    let path = module.with_extension("component.wasm");
    fs::write(&path, component.unwrap()).unwrap();
    path
}
