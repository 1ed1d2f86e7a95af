//! The published crates as users get them: packaged, and unpacked outside of the repository, where a guest is built from them with
//! plain Cargo and run on every backend.

use isyswasfa_tests::command::execute;
use isyswasfa_tests::{Backend, target};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;
use wit_component::ComponentEncoder;

/// The crates that users need, and their folders.
const PUBLISHED: [(&str, &str); 11] = [
    ("compat-api", "compat-api"),
    ("isyswasfa-core", "core"),
    ("isyswasfa-migrate", "migrate"),
    ("isyswasfa-output", "output"),
    ("isyswasfa-tools", "tools"),
    ("isyswasfa-translate", "translate"),
    ("isyswasfa-wit", "wit"),
    ("polyfill-guest", "polyfill-guest"),
    ("polyfill-guest-macro", "polyfill-guest/macro"),
    ("polyfill-host", "polyfill-host"),
    ("polyfill-host-macro", "polyfill-host/macro"),
];

/// `migrate` is a workspace of its own, for which Cargo looks in the registry for the others.
const OTHER_WORKSPACE: &str = "isyswasfa-migrate";

const VERSION: &str = env!("CARGO_PKG_VERSION");

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// Cargo, on what has been downloaded.
fn cargo(folder: &Path) -> Command {
    let mut cargo = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .current_dir(folder)
        // One target folder for all runs: most of what is built there are crates of others.
        .env("CARGO_TARGET_DIR", target().join("packages"))
        .env("CARGO_NET_OFFLINE", "true");
    cargo
}

fn run(command: &mut Command) {
    let output = command.output().expect("it starts");
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?} failed: {errors}");
}

/// Packages all published crates, and unpacks them in a folder outside of the repository.
fn unpacked() -> TempDir {
    let package = ["package", "--no-verify", "--allow-dirty", "--quiet"];
    let (other, here): (Vec<_>, Vec<_>) = PUBLISHED
        .iter()
        .partition(|(name, _)| *name == OTHER_WORKSPACE);
    let mut cargo_package = cargo(root());
    cargo_package.args(package);
    for (name, _) in here {
        cargo_package.args(["-p", name]);
    }
    run(&mut cargo_package);
    for (_, folder) in other {
        run(cargo(&root().join(folder)).args(package).args([
            "--config",
            "patch.crates-io.isyswasfa-output.path=\"../output\"",
            "--config",
            "patch.crates-io.isyswasfa-wit.path=\"../wit\"",
        ]));
    }
    let folder = tempfile::tempdir().unwrap();
    for (name, _) in PUBLISHED {
        let file = target().join(format!("packages/package/{name}-{VERSION}.crate"));
        run(Command::new("tar")
            .arg("-xzf")
            .arg(file)
            .arg("-C")
            .arg(folder.path()));
    }
    folder
}

#[test]
#[ignore = "packages all crates, beside which other tests would be slow: `.ci/run packages`"]
fn a_package_has_its_licence_and_what_is_embedded() {
    let folder = unpacked();
    let licence = fs::read(root().join("LICENSE")).unwrap();
    for (name, _) in PUBLISHED {
        let package = folder.path().join(format!("{name}-{VERSION}"));
        let found = fs::read(package.join("LICENSE"));
        assert_eq!(found.ok().as_ref(), Some(&licence), "LICENSE of `{name}`");
        let manifest = fs::read_to_string(package.join("Cargo.toml")).unwrap();
        for key in [
            "description",
            "license",
            "keywords",
            "categories",
            "repository",
            "rust-version",
        ] {
            assert!(
                manifest.contains(&format!("\n{key} = ")),
                "`{key}` of `{name}`"
            );
        }
    }
    for (name, source) in [
        ("isyswasfa-tools", "tools"),
        ("isyswasfa-translate", "translate"),
    ] {
        let mut wasm = Vec::new();
        list(
            &folder.path().join(format!("{name}-{VERSION}")),
            "wasm",
            &mut wasm,
        );
        let mut here = Vec::new();
        list(&root().join(source).join("src"), "wasm", &mut here);
        assert!(!here.is_empty());
        assert_eq!(wasm.len(), here.len(), "{wasm:?}");
    }
}

fn list(folder: &Path, extension: &str, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            list(&path, extension, found);
        } else if path.extension().is_some_and(|it| it == extension) {
            found.push(path);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "compiles for a minute, beside which other tests would be slow: `.ci/run packages`"]
async fn a_guest_outside_of_the_repository_is_built_from_the_packages() {
    let folder = unpacked();
    let guest = folder.path().join("guest");
    fs::create_dir_all(guest.join("src")).unwrap();
    fs::write(guest.join("src/lib.rs"), include_str!("packages/guest.rs")).unwrap();
    fs::write(guest.join("Cargo.toml"), manifest()).unwrap();
    // The versions of other crates that have been downloaded.
    fs::copy(root().join("cases/Cargo.lock"), guest.join("Cargo.lock")).unwrap();

    for backend in [Backend::Isyswasfa, Backend::Native] {
        let name = backend.name();
        run(cargo(&guest)
            .args(["build", "--target", "wasm32-unknown-unknown"])
            .args(["--features", name]));
        let module = target().join("packages/wasm32-unknown-unknown/debug/outside.wasm");
        let component = ComponentEncoder::default()
            .validate(true)
            .module(&fs::read(module).unwrap())
            .unwrap()
            .encode()
            .unwrap();
        let file = folder.path().join(format!("{name}.wasm"));
        fs::write(&file, component).unwrap();
        let ran = execute(&file, &[], &[], b"").await;
        assert_eq!(
            (ran.status, &*ran.stdout),
            (0, "hello from outside, 4 bytes\n"),
            "{name}: {}",
            ran.stderr
        );
    }
}

#[test]
#[ignore = "compiles for a minute, beside which other tests would be slow: `.ci/run packages`"]
fn small_packages_for_hosts_compile_outside_of_the_repository() {
    let folder = unpacked();
    for name in ["isyswasfa-output", "polyfill-host-macro"] {
        let package = folder.path().join(format!("{name}-{VERSION}"));
        let manifest = package.join("Cargo.toml");
        let text = fs::read_to_string(&manifest).unwrap() + "\n[workspace]\n" + &patches("..");
        fs::write(&manifest, text).unwrap();
        fs::copy(root().join("Cargo.lock"), package.join("Cargo.lock")).unwrap();
        run(cargo(&package).args(["check", "--lib"]));
    }
}

/// The manifest of the guest.
fn manifest() -> String {
    format!(
        r#"
[package]
name = "outside"
version = "0.0.0"
edition = "2024"

[lib]
crate-type = ["cdylib"]

[features]
isyswasfa = ["compat-api/isyswasfa"]
native = ["compat-api/native", "polyfill-guest/native"]

[dependencies]
compat-api = {{ version = "{VERSION}", default-features = false }}
polyfill-guest = "{VERSION}"

[workspace]

{}"#,
        patches("..")
    )
}

/// Cargo finds the packages in `folder` instead of in the registry.
fn patches(folder: &str) -> String {
    let mut patches = "[patch.crates-io]\n".to_owned();
    for (name, _) in PUBLISHED {
        writeln!(
            patches,
            "{name} = {{ path = \"{folder}/{name}-{VERSION}\" }}"
        )
        .unwrap();
    }
    patches
}
