//! The command line: what it answers, what it writes, and when it refuses to.

mod program;

use program::{code, run, stderr, stdout};
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::TempDir;

const OLD: &str = "package a:b;\n\nworld w {\n  import wasi:clocks/wall-clock@0.2.0; // time\n}\n";
const NEW: &str =
    "package a:b;\n\nworld w {\n  import wasi:clocks/system-clock@0.3.2; // time\n}\n";

fn git(folder: &Path, arguments: &[&str]) {
    let identity = ["-c", "user.name=test", "-c", "user.email=test@example.com"];
    let output = Command::new("git")
        .args(identity)
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
}

/// A repository with these files, committed.
fn repository(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    git(folder.path(), &["init", "--quiet"]);
    git(folder.path(), &["add", "--all"]);
    git(folder.path(), &["commit", "--quiet", "--message", "start"]);
    folder
}

#[test]
fn exit_codes() {
    let folder = repository(&[
        ("new.wit", NEW),
        ("old.wit", OLD),
        ("broken.wit", "package a:b;\nworld {\n"),
        ("bad/x.wit", OLD),
    ]);
    assert_eq!(code(&run(folder.path(), &["check", "new.wit"])), 0);
    assert_eq!(code(&run(folder.path(), &["check", "old.wit"])), 1);
    let both = run(
        folder.path(),
        &["check", "broken.wit", "bad", "--output-format", "concise"],
    );
    assert_eq!(code(&both), 2);
    assert!(
        stdout(&both).contains("broken.wit:2:7: error: expected a name, found `{`"),
        "{}",
        stdout(&both)
    );
    assert!(
        stdout(&both).contains("bad/x.wit:4:10: moved-interface [safe]"),
        "the rest goes on: {}",
        stdout(&both)
    );
    assert_eq!(
        code(&run(folder.path(), &["check", "--select", "no-such-rule"])),
        2
    );
    assert_eq!(code(&run(folder.path(), &["check", "no-such-file.wit"])), 2);
    let missing = run(folder.path(), &["check", "no-such-folder"]);
    assert_eq!(code(&missing), 2);
    assert!(
        stderr(&missing).contains("there is no file or folder `no-such-folder`"),
        "{}",
        stderr(&missing)
    );
    assert_eq!(code(&run(folder.path(), &["check", "--no-such-option"])), 2);
    assert_eq!(code(&run(folder.path(), &["rule", "no-such-rule"])), 2);
}

#[test]
fn git_applies_what_diff_prints() {
    let io = "package wasi:io@0.2.0;\n\ninterface poll {\n  resource pollable;\n}\n";
    let no_newline = OLD.trim_end();
    let folder = repository(&[
        ("wit/a.wit", OLD),
        ("wit/deps/io/io.wit", io),
        ("b b/c.wit", no_newline),
    ]);
    let other = repository(&[
        ("wit/a.wit", OLD),
        ("wit/deps/io/io.wit", io),
        ("b b/c.wit", no_newline),
    ]);
    let diff = run(folder.path(), &["diff", "--unsafe"]);
    assert_eq!(code(&diff), 1);
    let mut apply = Command::new("git")
        .arg("apply")
        .current_dir(folder.path())
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    apply.stdin.take().unwrap().write_all(&diff.stdout).unwrap();
    assert!(apply.wait().unwrap().success(), "{}", stdout(&diff));

    assert_eq!(code(&run(other.path(), &["rewrite", "--unsafe"])), 0);
    for file in ["wit/a.wit", "b b/c.wit"] {
        assert_eq!(
            fs::read_to_string(folder.path().join(file)).unwrap(),
            fs::read_to_string(other.path().join(file)).unwrap()
        );
    }
    for folder in [&folder, &other] {
        assert_eq!(
            fs::read_to_string(folder.path().join("wit/a.wit")).unwrap(),
            NEW
        );
        assert!(!folder.path().join("wit/deps/io/io.wit").exists());
    }
    assert_eq!(
        code(&run(folder.path(), &["diff", "--unsafe"])),
        0,
        "nothing is left to change"
    );
}

#[test]
fn rewrite_refuses_what_git_could_not_give_back() {
    let folder = repository(&[("a.wit", OLD)]);
    let path = folder.path().join("a.wit");
    let dirty = format!("// not committed\n{OLD}");
    fs::write(&path, &dirty).unwrap();
    let refused = run(folder.path(), &["rewrite"]);
    assert_eq!(code(&refused), 2);
    assert!(
        stderr(&refused).contains("a.wit") && stderr(&refused).contains("--allow-dirty"),
        "{}",
        stderr(&refused)
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), dirty);
    assert_eq!(code(&run(folder.path(), &["rewrite", "--dry-run"])), 0);
    assert_eq!(fs::read_to_string(&path).unwrap(), dirty);
    assert_eq!(code(&run(folder.path(), &["rewrite", "--allow-dirty"])), 0);
    assert_eq!(
        fs::read_to_string(&path).unwrap(),
        format!("// not committed\n{NEW}")
    );

    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("a.wit"), OLD).unwrap();
    assert_eq!(code(&run(outside.path(), &["rewrite"])), 2);
}

#[test]
fn what_git_ignores_is_left_out() {
    let folder = repository(&[
        ("a.wit", NEW),
        (".gitignore", "target\n"),
        ("target/b.wit", OLD),
    ]);
    assert_eq!(code(&run(folder.path(), &["check"])), 0);
    assert_eq!(
        code(&run(folder.path(), &["check", "target/b.wit"])),
        1,
        "unless it is named"
    );
}

#[test]
fn standard_input() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_isyswasfa-migrate"))
        .args(["rewrite", "-", "--stdin-filename", "a.wit"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(OLD.as_bytes())
        .unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(stdout(&output), NEW);
    assert_eq!(code(&output), 0);
}

#[test]
fn formats() {
    let folder = repository(&[("a.wit", OLD)]);
    let json = run(folder.path(), &["check", "--output-format", "json"]);
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(json["version"], 1);
    assert_eq!(json["summary"]["safe"], 1);
    assert_eq!(json["summary"]["rules"]["moved-interface"]["safe"], 1);
    let json = &json["findings"];
    assert_eq!(json[0]["rule"], "moved-interface");
    assert_eq!(json[0]["safety"], "safe");
    assert_eq!(
        (
            json[0]["start"]["line"].as_u64(),
            json[0]["start"]["column"].as_u64()
        ),
        (Some(4), Some(10))
    );
    let edit = &json[0]["edits"][0];
    let (start, end) = (
        edit["start"].as_u64().unwrap() as usize,
        edit["end"].as_u64().unwrap() as usize,
    );
    assert_eq!(
        (&OLD[start..end], edit["text"].as_str()),
        ("wall-clock", Some("system-clock"))
    );

    let sarif = run(folder.path(), &["check", "--output-format", "sarif"]);
    let sarif: serde_json::Value = serde_json::from_slice(&sarif.stdout).unwrap();
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!(result["ruleId"], "moved-interface");
    assert_eq!(
        result["locations"][0]["physicalLocation"]["region"]["startLine"],
        4
    );
    let rules = sarif["runs"][0]["tool"]["driver"]["rules"]
        .as_array()
        .unwrap();
    assert!(rules.iter().any(|rule| rule["id"] == "moved-interface"));

    let github = run(folder.path(), &["check", "--output-format", "github"]);
    assert!(
        stdout(&github).starts_with(
            "::warning file=a.wit,line=4,col=10,endLine=4,endColumn=38,title=moved-interface::"
        ),
        "{}",
        stdout(&github)
    );

    let full = run(folder.path(), &["check"]);
    assert!(
        !stdout(&full).contains('\x1b'),
        "no colours but on a terminal"
    );
}

#[test]
fn known_findings_are_left_out() {
    let folder = repository(&[("a.wit", OLD)]);
    assert_eq!(
        code(&run(
            folder.path(),
            &["check", "--write-baseline", "known.json"]
        )),
        0
    );
    assert_eq!(
        code(&run(folder.path(), &["check", "--baseline", "known.json"])),
        0
    );
    fs::write(
        folder.path().join("a.wit"),
        OLD.replace("}\n", "  import wasi:http/types@0.2.0;\n}\n"),
    )
    .unwrap();
    let new = run(
        folder.path(),
        &[
            "check",
            "--baseline",
            "known.json",
            "--output-format",
            "concise",
        ],
    );
    assert_eq!(
        (code(&new), stdout(&new).lines().count()),
        (1, 1),
        "{}",
        stdout(&new)
    );
    assert_eq!(
        code(&run(folder.path(), &["check", "--add-allow", "old hosts"])),
        0
    );
    assert_eq!(code(&run(folder.path(), &["check"])), 0);
    let text = fs::read_to_string(folder.path().join("a.wit")).unwrap();
    assert!(
        text.contains("  // isyswasfa: allow(moved-interface) old hosts\n  import wasi:clocks"),
        "{text}"
    );
}

#[test]
fn configuration() {
    let folder = repository(&[
        ("a.wit", OLD),
        ("isyswasfa.toml", "ignore = [\"moved-interface\"]\n"),
    ]);
    assert_eq!(code(&run(folder.path(), &["check"])), 0);
    fs::write(folder.path().join("isyswasfa.toml"), "ignroe = []\n").unwrap();
    assert_eq!(code(&run(folder.path(), &["check"])), 2);
}

#[test]
fn generated_bindings_are_left_alone() {
    let generated =
        "// Generated by `wit-bindgen` 0.41.0. DO NOT EDIT!\nuse wasi::clocks::wall_clock;\n";
    let folder = repository(&[("src/bindings.rs", generated)]);
    assert_eq!(code(&run(folder.path(), &["check"])), 0);
}

#[test]
fn what_does_not_compile_is_taken_back() {
    let manifest = "[package]\nname = \"a\"\nversion = \"0.0.0\"\nedition = \"2024\"\n";
    // A stand-in for both versions, which lacks `get_resolution`.
    let wasi = "pub mod clocks {\n    pub mod wall_clock {\n        pub fn now() -> u64 { 1 }\n    }\n    pub use wall_clock as system_clock;\n\
                pub mod monotonic_clock {\n        pub fn resolution() -> u64 { 1 }\n    }\n}\n";
    let lib = "extern crate stand_in as wasip2;\nextern crate stand_in as wasip3;\npub mod bad;\npub mod good;\n";
    let good = "pub fn f() -> u64 {\n    wasip2::clocks::wall_clock::now()\n}\n";
    let bad = "pub fn f() -> u64 {\n    wasip2::clocks::monotonic_clock::resolution()\n}\n";
    let folder = repository(&[
        (
            "Cargo.toml",
            &format!(
                "{manifest}\n[dependencies]\nstand-in = {{ path = \"stand-in\" }}\n\n[workspace]\n"
            ),
        ),
        (
            "stand-in/Cargo.toml",
            &manifest.replace("\"a\"", "\"stand-in\""),
        ),
        ("stand-in/src/lib.rs", wasi),
        ("src/lib.rs", lib),
        ("src/good.rs", good),
        ("src/bad.rs", bad),
        (".gitignore", "target\nCargo.lock\n"),
    ]);
    let output = run(folder.path(), &["rewrite", "--verify", "src"]);
    assert_eq!(code(&output), 1, "{}{}", stdout(&output), stderr(&output));
    assert!(
        stdout(&output).contains("src/bad.rs: taken back"),
        "{}",
        stdout(&output)
    );
    assert_eq!(
        fs::read_to_string(folder.path().join("src/bad.rs")).unwrap(),
        bad
    );
    assert_eq!(
        fs::read_to_string(folder.path().join("src/good.rs")).unwrap(),
        good.replace("wasip2::clocks::wall_clock", "wasip3::clocks::system_clock")
    );

    fs::write(
        folder.path().join("src/good.rs"),
        good.replace("u64", "u65"),
    )
    .unwrap();
    let broken = run(
        folder.path(),
        &["rewrite", "--verify", "--allow-dirty", "src"],
    );
    assert_eq!(code(&broken), 2);
    assert!(
        stderr(&broken).contains("doesn't compile as it is"),
        "{}",
        stderr(&broken)
    );
}

#[test]
fn both_backends_must_compile() {
    // What is there for one backend only lacks a name of 0.3.
    let clocks = "pub mod wall_clock {\n    pub fn now() -> u64 { 1 }\n}\npub use wall_clock as system_clock;\n\
                  pub mod monotonic_clock {\n    pub fn resolution() -> u64 { 1 }\n}\n";
    let lib = "extern crate self as wasip2;\nextern crate self as wasip3;\npub mod clocks;\n#[cfg(feature = \"isyswasfa\")]\npub mod split;\n\
               #[cfg(feature = \"native\")]\npub mod native;\n";
    let broken = "pub fn f() -> u64 {\n    wasip2::clocks::monotonic_clock::resolution()\n}\n";
    let folder = repository(&[
        (
            "Cargo.toml",
            "[package]\nname = \"a\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[features]\ndefault = [\"isyswasfa\"]\nisyswasfa = []\nnative = []\n",
        ),
        ("src/lib.rs", lib),
        ("src/clocks.rs", clocks),
        ("src/split.rs", broken),
        ("src/native.rs", broken),
        (".gitignore", "target\nCargo.lock\n"),
    ]);
    let output = run(
        folder.path(),
        &["rewrite", "--verify", "src/split.rs", "src/native.rs"],
    );
    assert_eq!(code(&output), 1, "{}{}", stdout(&output), stderr(&output));
    for file in ["src/split.rs", "src/native.rs"] {
        assert!(stdout(&output).contains(&format!("{file}: taken back")));
        assert_eq!(
            fs::read_to_string(folder.path().join(file)).unwrap(),
            broken
        );
    }
}

#[test]
fn packages_are_compared() {
    let old = "package a:b;\n\ninterface i {\n  f: func() -> u8;\n}\n";
    let folder = repository(&[("wit/a.wit", old)]);
    fs::write(
        folder.path().join("wit/a.wit"),
        old.replace("f: func", "f: async func")
            .replace("u8;\n", "u8;\n  type t = u8;\n"),
    )
    .unwrap();
    let diff = run(
        folder.path(),
        &["wit-diff", "--baseline-rev", "HEAD", "wit"],
    );
    assert_eq!(code(&diff), 1, "{}", stderr(&diff));
    assert!(
        stdout(&diff).contains(
            "changed i.f (breaking)\n  - func func() -> u8\n  + func async func() -> u8\n"
        ),
        "{}",
        stdout(&diff)
    );
    assert!(stdout(&diff).contains("added i.t\n"), "{}", stdout(&diff));
    assert_eq!(
        code(&run(folder.path(), &["wit-diff", "wit", "wit/a.wit"])),
        0
    );
    assert_eq!(
        code(&run(folder.path(), &["wit-diff", "wit", "nowhere"])),
        2
    );
}

#[test]
fn the_split_abi_is_shown() {
    let wit = "package a:b;\n\ninterface i {\n  f: async func() -> u8;\n}\n\nworld w {\n  import i;\n  import wasi:http/client@0.3.2;\n}\n\nworld v {\n}\n";
    let folder = repository(&[("a.wit", wit)]);
    let split = run(folder.path(), &["split", "a.wit", "--world", "w"]);
    assert_eq!(code(&split), 0, "{}", stderr(&split));
    assert!(
        stdout(&split).contains("f-isyswasfa-start: func() -> result<u8, isyswasfa-pending>;"),
        "{}",
        stdout(&split)
    );
    let which = run(folder.path(), &["split", "a.wit"]);
    assert_eq!(code(&which), 2);
    assert!(stderr(&which).contains("`w`, `v`"), "{}", stderr(&which));
}

/// A component with the imports and exports of a world of these.
fn component(wit: &str) -> Vec<u8> {
    use isyswasfa_migrate::load::load;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.wit");
    fs::write(&path, wit).unwrap();
    let (resolve, package) = load(&path).unwrap();
    let world = resolve.select_world(&[package], None).unwrap();
    let mut module =
        wit_component::dummy_module(&resolve, world, wit_parser::ManglingAndAbi::Standard32);
    wit_component::embed_component_metadata(
        &mut module,
        &resolve,
        world,
        wit_component::StringEncoding::UTF8,
        false,
    )
    .unwrap();
    wit_component::ComponentEncoder::default()
        .module(&module)
        .unwrap()
        .encode()
        .unwrap()
}

#[test]
fn components_are_looked_into() {
    let wit = "package a:b;\n\nworld w {\n  import wasi:random/random@0.2.12;\n  import wasi:clocks/wall-clock@0.2.12;\n  import wasi:io/poll@0.2.12;\n  import wasi:random/insecure@0.3.2;\n}\n";
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.wasm"), component(wit)).unwrap();
    let check = run(folder.path(), &["check", "a.wasm"]);
    assert_eq!(code(&check), 1, "{}", stderr(&check));
    let text = stdout(&check);
    assert!(text.contains("imports wasi:clocks/wall-clock@0.2.12: in 0.3 `wasi:clocks/system-clock@0.3.2`; the standard library"), "{text}");
    assert!(
        text.contains("imports wasi:io/poll@0.2.12: gone in 0.3"),
        "{text}"
    );
    assert!(!text.contains("insecure"), "{text}");
    let old = stdout(&run(
        folder.path(),
        &["check", "a.wasm", "--target-host", "wasmtime-36"],
    ));
    assert!(
        old.contains("wasi:random/insecure@0.3.2: not of 0.2; Wasmtime 36 (LTS) doesn't link it"),
        "{old}"
    );
    // Together with sources it is one document all the same.
    fs::write(folder.path().join("old.wit"), OLD).unwrap();
    let both = run(
        folder.path(),
        &["check", "a.wasm", "old.wit", "--output-format", "json"],
    );
    let both: serde_json::Value = serde_json::from_str(&stdout(&both)).unwrap();
    assert_eq!(both["components"][0]["path"], "a.wasm");
    assert_eq!(both["components"][0]["uses"][0]["direction"], "import");
    assert_eq!(both["findings"][0]["rule"], "moved-interface");
    // The other forms are whole with a component too.
    let sarif = run(
        folder.path(),
        &["check", "a.wasm", "old.wit", "--output-format", "sarif"],
    );
    let sarif: serde_json::Value = serde_json::from_str(&stdout(&sarif)).unwrap();
    let results = sarif["runs"][0]["results"].as_array().unwrap();
    assert_eq!(results.len(), 4, "{results:#?}");
    fs::write(folder.path().join("b.wasm"), b"\0asm\x01\0\0\0").unwrap();
    assert_eq!(code(&run(folder.path(), &["check", "b.wasm"])), 2);
}

#[test]
fn a_host_is_aimed_at() {
    let folder = repository(&[("a.wit", NEW)]);
    let old = run(
        folder.path(),
        &[
            "check",
            "--target-host",
            "wasmtime-36",
            "--output-format",
            "concise",
        ],
    );
    assert_eq!(code(&old), 1);
    assert_eq!(
        stdout(&old),
        "a.wit:4:10: unlinked [manual] Wasmtime 36 (LTS) doesn't link `wasi:clocks/system-clock@0.3.2`\n"
    );
    assert_eq!(
        code(&run(
            folder.path(),
            &["check", "--target-host", "wasmtime-48"]
        )),
        0
    );
    // A family stands for its newest.
    let family = run(folder.path(), &["check", "--target-host", "wasmtime"]);
    assert_eq!(code(&family), 0);
    let unknown = run(folder.path(), &["check", "--target-host", "toaster"]);
    assert_eq!(code(&unknown), 2);
    assert!(
        stderr(&unknown).contains("wasmtime-36"),
        "{}",
        stderr(&unknown)
    );
}

#[test]
fn the_doctor_says_what_is_missing() {
    let output = Command::new(env!("CARGO_BIN_EXE_isyswasfa-migrate"))
        .arg("doctor")
        .env("PATH", "")
        .output()
        .unwrap();
    assert_eq!(code(&output), 1);
    assert!(
        stdout(&output).contains("missing rustc: https://rustup.rs"),
        "{}",
        stdout(&output)
    );
    let output = Command::new(env!("CARGO_BIN_EXE_isyswasfa-migrate"))
        .arg("doctor")
        .output()
        .unwrap();
    assert!(
        stdout(&output).contains("ok rustc: rustc 1."),
        "{}",
        stdout(&output)
    );
}

/// A package with copies of WASI 0.2's packages beside it, in several files each, becomes one with those of 0.3.
#[test]
fn a_package_with_its_dependencies() {
    let world = "package my:app@0.1.0;\n\ninterface store {\n  use wasi:io/streams@0.2.0.{input-stream};\n\n  read: func() -> result<input-stream, string>;\n}\n\n\
                 world app {\n  import store;\n  include wasi:http/proxy@0.2.0;\n}\n";
    let folder = tempfile::tempdir().unwrap();
    let deps = Path::new(env!("CARGO_MANIFEST_DIR")).join("../wit/wasi/0.2.0/deps");
    for package in fs::read_dir(deps).unwrap().map(|entry| entry.unwrap()) {
        let to = folder.path().join("wit/deps").join(package.file_name());
        fs::create_dir_all(&to).unwrap();
        for file in fs::read_dir(package.path())
            .unwrap()
            .map(|entry| entry.unwrap())
        {
            fs::copy(file.path(), to.join(file.file_name())).unwrap();
        }
    }
    fs::write(folder.path().join("wit/world.wit"), world).unwrap();
    let rewrite = run(folder.path(), &["rewrite", "--unsafe", "--allow-dirty"]);
    assert_eq!(
        code(&rewrite),
        0,
        "{}{}",
        stdout(&rewrite),
        stderr(&rewrite)
    );
    assert!(!folder.path().join("wit/deps/io").exists());
    let split = run(folder.path(), &["split", "wit"]);
    assert_eq!(code(&split), 0, "{}", stderr(&split));
    assert!(
        stdout(&split).contains("read: func() -> tuple<stream-u8-reader, future-result-"),
        "{}",
        stdout(&split)
    );
}

#[test]
fn what_was_done_is_reported() {
    let folder = repository(&[
        ("a.wit", OLD),
        (
            "b.wit",
            "package a:b;\n\nworld v {\n  export f: func() -> s32;\n}\n",
        ),
    ]);
    let output = run(folder.path(), &["rewrite", "--report", "report.json", "."]);
    assert!(output.stderr.is_empty(), "{}", stderr(&output));
    let report = fs::read_to_string(folder.path().join("report.json")).unwrap();
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["summary"]["files"], 2);
    assert_eq!(report["rewritten"].as_array().unwrap().len(), 1);
    assert_eq!(report["rewritten"][0]["fixes"], 1);
    let left = report["findings"].as_array().unwrap();
    assert!(left.iter().all(|finding| finding["rule"].is_string()));
    assert_eq!(code(&output), i32::from(!left.is_empty()));
}

#[test]
fn a_reader_that_goes_away_ends_it_quietly() {
    let folder = tempfile::tempdir().unwrap();
    let lines = "use wasip2::io::poll::Pollable;\n".to_owned()
        + &"pub fn f(a: &wasip2::io::poll::Pollable) { a.block() }\n".repeat(2_000);
    fs::write(folder.path().join("a.rs"), lines).unwrap();
    for arguments in [&["check"][..], &["diff", "--unsafe"], &["rule"]] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_isyswasfa-migrate"))
            .args(arguments)
            .current_dir(folder.path())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        assert!(
            output.stderr.is_empty(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}
