//! Guests of WASI 0.2 as people write them: what the tool makes of each, what it leaves to a human, and that what it says is done
//! compiles against `compat-api` on both backends.

mod harness;

use harness::{Lang, rewritten};
use isyswasfa_migrate::{Options, Target};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Findings that can stay: they are about behaviour, and the code compiles with them.
const TRAPS: [&str; 2] = ["short-random", "shared-static"];

fn compat() -> Options {
    Options {
        target: Target::Compat,
        ..Options::default()
    }
}

fn guests() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/guests");
    let mut guests: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    guests.retain(|path| path.extension().is_some_and(|extension| extension == "rs"));
    guests.push(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/example/src/lib.rs"));
    guests.sort();
    assert!(guests.len() >= 10);
    guests
}

fn name(path: &Path) -> &str {
    match path.file_stem().unwrap().to_str().unwrap() {
        "lib" => "example",
        name => name,
    }
}

#[test]
fn as_kept() {
    for path in guests() {
        let text = fs::read_to_string(&path).unwrap();
        let after = rewritten(Lang::Rust, &text, &compat());
        insta::with_settings!({ snapshot_path => "guests", prepend_module_to_snapshot => false, omit_expression => true }, {
            insta::assert_snapshot!(name(&path), after.snapshot(&text));
        });
    }
}

#[test]
fn what_is_done_compiles() {
    let project = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .canonicalize()
        .unwrap();
    let mut manifest = format!(
        "[package]\nname = \"migrated-guests\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[features]\nnative = [\"compat-api/native\", \"polyfill-guest/native\"]\n\n\
         [dependencies]\ncompat-api = {{ path = '{}', features = [\"async-spawn\"] }}\npolyfill-guest = {{ path = '{}' }}\n\n[workspace]\n",
        root.join("compat-api").display(),
        root.join("polyfill-guest").display()
    );
    // What `generate!` reads.
    fs::create_dir_all(project.path().join("wit/deps")).unwrap();
    for file in fs::read_dir(root.join("wit/wasi/0.3/deps"))
        .unwrap()
        .map(|file| file.unwrap())
    {
        fs::copy(
            file.path(),
            project.path().join("wit/deps").join(file.file_name()),
        )
        .unwrap();
    }
    fs::write(
        project.path().join("wit/world.wit"),
        "package test:guests;\n",
    )
    .unwrap();
    let mut done = 0;
    fs::create_dir(project.path().join("src")).unwrap();
    fs::write(project.path().join("src/lib.rs"), "").unwrap();
    for path in guests() {
        let after = rewritten(Lang::Rust, &fs::read_to_string(&path).unwrap(), &compat());
        if after
            .left
            .iter()
            .all(|finding| TRAPS.contains(&finding.rule))
        {
            let file = project.path().join(format!("{}.rs", name(&path)));
            write!(
                manifest,
                "\n[[example]]\nname = \"{}\"\npath = '{}'\ncrate-type = [\"cdylib\"]\n",
                name(&path),
                file.display()
            )
            .unwrap();
            fs::write(file, after.text).unwrap();
            done += 1;
        }
    }
    fs::write(project.path().join("Cargo.toml"), manifest).unwrap();
    fs::copy(root.join("Cargo.lock"), project.path().join("Cargo.lock")).unwrap();
    assert!(done >= 15, "only {done} guests are migrated to the end");
    for features in ["", "native"] {
        let output = Command::new(env!("CARGO"))
            .args([
                "check",
                "--quiet",
                "--examples",
                "--features",
                features,
                "--manifest-path",
            ])
            .arg(project.path().join("Cargo.toml"))
            .env("CARGO_TARGET_DIR", root.join("target/migrated-guests"))
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "feature `{features}`:\n{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

/// The end-to-end tests serve what the worked example becomes: `tests/guests/migrated-proxy`. `INSTA_UPDATE=always` writes it anew.
#[test]
fn what_is_served_is_current() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let example = fs::read_to_string(root.join("tests/example/src/lib.rs")).unwrap();
    let after = rewritten(Lang::Rust, &example, &compat());
    assert!(after.left.is_empty(), "{:#?}", after.left);
    let served = root.join("../tests/guests/migrated-proxy/src/lib.rs");
    if std::env::var("INSTA_UPDATE").is_ok_and(|value| value == "always") {
        fs::write(&served, &after.text).unwrap();
    }
    assert_eq!(fs::read_to_string(served).unwrap(), after.text);
}

/// The worked example with code for both backends, graduated: nothing of ours is left, and it compiles.
#[test]
fn what_graduates_compiles() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("..")
        .canonicalize()
        .unwrap();
    let example = fs::read_to_string(root.join("migrate/tests/example/src/lib.rs")).unwrap();
    let migrated = rewritten(Lang::Rust, &example, &compat()).text
        + "\n#[cfg(feature = \"isyswasfa\")]\nconst HOST: &str = \"0.2\";\n\n\
           #[cfg(not(feature = \"isyswasfa\"))]\nconst HOST: &str = \"0.3\";\n\n\
           pub fn start() -> &'static str {\n    polyfill_guest::spawn_local(async {});\n    HOST\n}\n";
    let manifest = "[package]\nname = \"graduated\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[lib]\ncrate-type = [\"cdylib\"]\n\n\
        [features]\ndefault = [\"isyswasfa\"]\nisyswasfa = [\"compat-api/isyswasfa\", \"polyfill-guest/isyswasfa\"]\n\
        native = [\"compat-api/native\", \"polyfill-guest/native\"]\n\n[dependencies]\n\
        compat-api = { path = \"../compat-api\", default-features = false }\npolyfill-guest = { path = \"../polyfill-guest\" }\n\n[workspace]\n";
    let options = Options {
        select: vec!["compat-path".to_owned(), "compat-dependency".to_owned()],
        ..Options::default()
    };
    let project = tempfile::tempdir().unwrap();
    fs::create_dir(project.path().join("src")).unwrap();
    for (lang, path, text) in [
        (Lang::Rust, "src/lib.rs", migrated.as_str()),
        (Lang::Toml, "Cargo.toml", manifest),
    ] {
        let after = rewritten(lang, text, &options);
        assert!(after.left.is_empty(), "{:#?}", after.left);
        for ours in ["compat", "polyfill", "isyswasfa", "native"] {
            assert!(
                !after.text.contains(ours),
                "`{ours}` is left:\n{}",
                after.text
            );
        }
        fs::write(project.path().join(path), after.text).unwrap();
    }
    let output = Command::new(env!("CARGO"))
        .args(["check", "--quiet", "--manifest-path"])
        .arg(project.path().join("Cargo.toml"))
        .env("CARGO_TARGET_DIR", root.join("target/migrated-guests"))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
