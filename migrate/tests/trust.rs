//! What a user has to be able to rely on: what is verified and taken back, the forms of the reports, and what is said of the work that is left.

mod program;

use program::{code, run, stderr, stdout};
use serde_json::Value;
use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

const MANIFEST: &str = "[package]\nname = \"a\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\nstand-in = { path = \"stand-in\" }\n\n[workspace]\n";

/// A package whose crate for both versions of WASI is a stand-in without `get_resolution`.
fn package(files: &[(&str, &str)]) -> TempDir {
    let wasi = "pub mod clocks {\n    pub mod wall_clock {\n        pub fn now() -> u64 { 1 }\n    }\n    pub use wall_clock as system_clock;\n\
                pub mod monotonic_clock {\n        pub fn now() -> u64 { 1 }\n        pub fn resolution() -> u64 { 1 }\n    }\n}\n";
    let folder = folder(&[
        ("Cargo.toml", MANIFEST),
        (
            "stand-in/Cargo.toml",
            "[package]\nname = \"stand-in\"\nversion = \"0.0.0\"\nedition = \"2024\"\n",
        ),
        ("stand-in/src/lib.rs", wasi),
    ]);
    for (name, text) in files {
        fs::create_dir_all(folder.path().join("src")).unwrap();
        fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

const HEAD: &str = "extern crate stand_in as wasip2;\nextern crate stand_in as wasip3;\n\n";
const GOOD: &str = "pub fn good() -> u64 {\n    wasip2::clocks::wall_clock::now()\n}\n\n";
const BAD: &str = "pub fn bad() -> u64 {\n    wasip2::clocks::monotonic_clock::resolution()\n}\n\n";
const LAST: &str = "pub fn last() -> u64 {\n    wasip2::clocks::monotonic_clock::now()\n}\n";

#[test]
fn single_fixes_are_taken_back() {
    let before = [HEAD, GOOD, BAD, LAST].concat();
    let folder = package(&[("src/lib.rs", &before)]);
    let output = run(
        folder.path(),
        &["rewrite", "--unsafe", "--allow-dirty", "src"],
    );
    let (out, err) = (stdout(&output), stderr(&output));
    assert_eq!(code(&output), 1, "{out}{err}");
    assert!(
        out.contains("src/lib.rs:9: taken back, since it would not compile: moved-path: `wasi:clocks/monotonic-clock.resolution`"),
        "{out}"
    );
    // The compiler's own words.
    assert!(
        err.contains("error[E0425]") && err.contains("get_resolution"),
        "{err}"
    );
    let after = fs::read_to_string(folder.path().join("src/lib.rs")).unwrap();
    let new = |text: &str| {
        text.replace("wasip2", "wasip3")
            .replace("wall_clock", "system_clock")
    };
    assert_eq!(after, [HEAD, &new(GOOD), BAD, &new(LAST)].concat());
}

#[test]
fn verifying_can_be_left_out() {
    let before = [HEAD, BAD].concat();
    let folder = package(&[("src/lib.rs", &before)]);
    let output = run(
        folder.path(),
        &["rewrite", "--unsafe", "--no-verify", "--allow-dirty", "src"],
    );
    assert_eq!(stdout(&output), "src/lib.rs: 1 fix\n1 file rewritten\n");
    assert_eq!(code(&output), 0);
    // The safe changes alone are not verified unless that is asked for.
    fs::write(
        folder.path().join("src/lib.rs"),
        before.replace("u64", "u65"),
    )
    .unwrap();
    let output = run(
        folder.path(),
        &["rewrite", "--unsafe", "--allow-dirty", "src"],
    );
    assert_eq!(code(&output), 2);
    let err = stderr(&output);
    assert!(
        err.contains("doesn't compile as it is") && err.contains("u65"),
        "{err}"
    );
    assert!(err.contains("--no-verify"), "{err}");
    let safe = run(folder.path(), &["rewrite", "--allow-dirty", "src"]);
    assert_eq!(code(&safe), 0, "{}", stderr(&safe));
}

#[test]
fn what_cannot_be_built_is_said() {
    let manifest = MANIFEST.replace("path = \"stand-in\"", "path = \"not-there\"");
    let folder = folder(&[("Cargo.toml", &manifest), ("src/lib.rs", GOOD)]);
    let arguments = ["rewrite", "--unsafe", "--allow-dirty", "src"];
    let output = run(folder.path(), &arguments);
    assert!(
        stderr(&output).contains("not verified: its dependencies can't be fetched"),
        "{}",
        stderr(&output)
    );
    assert!(
        stdout(&output).contains("1 file rewritten"),
        "{}",
        stdout(&output)
    );
    fs::write(folder.path().join("src/lib.rs"), GOOD).unwrap();
    let asked = run(
        folder.path(),
        &["rewrite", "--verify", "--allow-dirty", "src"],
    );
    assert_eq!(code(&asked), 2);
    assert_eq!(
        fs::read_to_string(folder.path().join("src/lib.rs")).unwrap(),
        GOOD
    );
}

/// Two pollables in one statement, and one that other fixes take along.
const STATEMENTS: &str = "use wasip2::clocks::monotonic_clock;\nuse wasip2::io::poll;\nuse wasip2::io::streams::InputStream;\n\n\
                          pub fn both(a: &InputStream, b: &InputStream) {\n    poll::poll(&[&a.subscribe(), &b.subscribe()]);\n}\n\n\
                          pub fn nap() {\n    let pollable = monotonic_clock::subscribe_duration(5);\n    pollable.block();\n}\n";

#[test]
fn a_statement_is_found_once() {
    let folder = folder(&[("src/lib.rs", STATEMENTS)]);
    let output = run(folder.path(), &["check", "--output-format", "json"]);
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let findings = document["findings"].as_array().unwrap();
    let in_line = |line: u64| {
        findings
            .iter()
            .filter(|found| found["start"]["line"] == line)
            .count()
    };
    assert_eq!(in_line(6), 1, "{findings:#?}");
    let both = findings
        .iter()
        .find(|found| found["start"]["line"] == 6)
        .unwrap();
    assert!(both["also"].as_array().unwrap().len() >= 2, "{both:#?}");
    let full = stdout(&run(folder.path(), &["check"]));
    assert!(
        full.contains(
            "also gone-call at 6:21, 6:37: `wasi:io/streams.input-stream.subscribe` is gone in 0.3"
        ),
        "{full}"
    );
}

#[test]
fn what_is_taken_along_is_not_manual() {
    let folder = folder(&[("src/lib.rs", STATEMENTS)]);
    let output = run(folder.path(), &["check", "--output-format", "json"]);
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let findings = document["findings"].as_array().unwrap();
    let block = findings.iter().find(|found| found["start"]["line"] == 11);
    // There is no fix for `pollable.block()` alone, but it goes with that of the line before.
    assert!(
        block.is_none_or(|block| block["safety"] == "unsafe"),
        "{block:#?}"
    );
    let left = &document["summary"]["left"];
    let manual = document["summary"]["manual"].as_u64().unwrap();
    assert!(
        left["findings"].as_u64().unwrap() >= manual,
        "{document:#?}"
    );
}

#[test]
fn the_work_that_is_left_is_counted() {
    let folder = folder(&[("src/lib.rs", STATEMENTS)]);
    let told = stdout(&run(folder.path(), &["check"]));
    let last = told.lines().last().unwrap();
    assert!(
        last.starts_with("`rewrite --unsafe` would change ")
            && last.contains(" call sites and leave "),
        "{last}"
    );
    assert!(last.contains(" to do by hand: "), "{last}");
}

#[test]
fn findings_are_explained() {
    let folder = folder(&[("src/lib.rs", STATEMENTS)]);
    let output = run(
        folder.path(),
        &[
            "check",
            "--explain",
            "--select",
            "clock-subscription,moved-path",
        ],
    );
    let told = stdout(&output);
    assert!(
        told.contains("    -     let pollable = monotonic_clock::subscribe_duration(5);\n"),
        "{told}"
    );
    assert!(
        told.contains("    +     let pollable = monotonic_clock::wait_for(5);\n"),
        "{told}"
    );
    assert!(
        told.contains("\nclock-subscription: Finds waiting for a time"),
        "{told}"
    );
    let wrong = run(
        folder.path(),
        &["check", "--explain", "--output-format", "json"],
    );
    assert_eq!(code(&wrong), 2);
    let rule = run(folder.path(), &["explain", "clock-subscription"]);
    assert!(stdout(&rule).starts_with("# clock-subscription\n"));
}

#[test]
fn the_page_is_whole() {
    let broken = "fn f( {\n// wasi <script>alert(1)</script>\n";
    let folder = folder(&[
        ("src/lib.rs", STATEMENTS),
        ("src/<b>.rs", STATEMENTS),
        ("src/broken.rs", broken),
    ]);
    let output = run(folder.path(), &["check", "--output-format", "html"]);
    assert_eq!(code(&output), 2, "one file could not be looked at");
    let page = stdout(&output);
    assert!(
        page.starts_with("<!doctype html>") && page.ends_with("</html>\n"),
        "{page}"
    );
    // One file, that fetches nothing.
    for word in ["src=", "url(", "@import", "<link", "http://", "fetch("] {
        assert!(!page.contains(word), "{word}");
    }
    assert!(page.contains("src/&lt;b&gt;.rs") && !page.contains("src/<b>.rs"));
    assert!(page.contains("src/broken.rs:1:7"), "{page}");
    // Each element that is opened is closed.
    for element in [
        "details", "summary", "section", "table", "ol", "ul", "li", "div", "pre", "p", "span",
        "code", "main",
    ] {
        let open = page.matches(&format!("<{element}>")).count()
            + page.matches(&format!("<{element} ")).count();
        assert_eq!(
            open,
            page.matches(&format!("</{element}>")).count(),
            "{element}"
        );
    }
    // Each link within the page leads somewhere.
    for link in page.split("href=\"#").skip(1) {
        let id = link.split('"').next().unwrap();
        assert!(page.contains(&format!("id=\"{id}\"")), "{id}");
    }
    let (_, after) = page.split_once("class=\"row head\"").unwrap();
    assert!(
        after.contains("class=\"added\""),
        "before and after are side by side"
    );
}

/// What the schema of SARIF 2.1.0 demands of each object: the properties that it may have, and those that it must.
const SARIF: &[(&str, &[&str], &[&str])] = &[
    ("log", &["$schema", "version", "runs"], &["version", "runs"]),
    (
        "run",
        &["tool", "columnKind", "results", "invocations"],
        &["tool"],
    ),
    (
        "driver",
        &[
            "name",
            "version",
            "semanticVersion",
            "informationUri",
            "rules",
        ],
        &["name"],
    ),
    (
        "rule",
        &[
            "id",
            "shortDescription",
            "fullDescription",
            "help",
            "helpUri",
            "defaultConfiguration",
            "properties",
        ],
        &["id"],
    ),
    (
        "result",
        &[
            "ruleId",
            "ruleIndex",
            "level",
            "message",
            "locations",
            "relatedLocations",
            "partialFingerprints",
            "fixes",
            "properties",
        ],
        &["message"],
    ),
    ("location", &["physicalLocation", "message"], &[]),
    (
        "physicalLocation",
        &["artifactLocation", "region"],
        &["artifactLocation"],
    ),
    (
        "region",
        &["startLine", "startColumn", "endLine", "endColumn"],
        &["startLine"],
    ),
    (
        "fix",
        &["description", "artifactChanges"],
        &["artifactChanges"],
    ),
    (
        "artifactChange",
        &["artifactLocation", "replacements"],
        &["artifactLocation", "replacements"],
    ),
    (
        "replacement",
        &["deletedRegion", "insertedContent"],
        &["deletedRegion"],
    ),
    (
        "invocation",
        &["executionSuccessful", "toolExecutionNotifications"],
        &["executionSuccessful"],
    ),
    (
        "notification",
        &["level", "message", "locations"],
        &["message"],
    ),
];

fn demand<'a>(kind: &str, value: &'a Value) -> &'a Value {
    let (_, may, must) = SARIF.iter().find(|(name, ..)| *name == kind).unwrap();
    let object = value
        .as_object()
        .unwrap_or_else(|| panic!("{kind}: {value}"));
    for name in object.keys() {
        assert!(may.contains(&name.as_str()), "a {kind} has no `{name}`");
    }
    for name in *must {
        assert!(object.contains_key(*name), "a {kind} needs `{name}`");
    }
    value
}

fn list<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    value[name].as_array().into_iter().flatten()
}

fn message(value: &Value) {
    assert!(!value["text"].as_str().unwrap().is_empty(), "{value}");
}

fn location(value: &Value) {
    let place = demand(
        "physicalLocation",
        &demand("location", value)["physicalLocation"],
    );
    let uri = place["artifactLocation"]["uri"].as_str().unwrap();
    assert!(!uri.contains([' ', '\\', '<']), "{uri}");
    if !place["region"].is_null() {
        region(&place["region"]);
    }
}

fn region(value: &Value) {
    demand("region", value);
    let number = |name: &str| value[name].as_u64().unwrap();
    let (start, end) = (
        (number("startLine"), number("startColumn")),
        (number("endLine"), number("endColumn")),
    );
    assert!(start.0 >= 1 && start.1 >= 1 && start <= end, "{value}");
}

#[test]
fn sarif_is_valid() {
    let folder = folder(&[
        (
            "a b.wit",
            "package a:b;\n\nworld w {\n  import wasi:clocks/wall-clock@0.2.0;\n  import wasi:clocks/wall-clock@0.2.0;\n}\n",
        ),
        ("src/lib.rs", STATEMENTS),
        ("src/broken.rs", "fn wasi( {\n"),
    ]);
    let output = run(folder.path(), &["check", "--output-format", "sarif"]);
    let log: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(demand("log", &log)["version"], "2.1.0");
    let run = demand("run", &log["runs"][0]);
    let driver = demand("driver", &run["tool"]["driver"]);
    let rules: Vec<_> = list(driver, "rules").collect();
    for rule in &rules {
        let uri = demand("rule", rule)["helpUri"].as_str().unwrap();
        assert!(uri.starts_with("https://") && uri.ends_with(".rs"), "{uri}");
        let (_, file) = uri.split_once("/migrate/").unwrap();
        let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
        assert!(
            file.is_file(),
            "`{}` is to be read about a rule",
            file.display()
        );
        message(&rule["shortDescription"]);
        message(&rule["fullDescription"]);
        message(&rule["help"]);
    }
    let results: Vec<_> = list(run, "results").collect();
    let mut fingerprints = Vec::new();
    for result in &results {
        message(&demand("result", result)["message"]);
        let index = result["ruleIndex"].as_u64().unwrap() as usize;
        assert_eq!(rules[index]["id"], result["ruleId"]);
        list(result, "locations")
            .chain(list(result, "relatedLocations"))
            .for_each(location);
        fingerprints.push(
            result["partialFingerprints"]["isyswasfa/v1"]
                .as_str()
                .unwrap()
                .to_owned(),
        );
        for fix in list(result, "fixes") {
            message(&demand("fix", fix)["description"]);
            assert!(list(fix, "artifactChanges").count() > 0);
            for change in list(fix, "artifactChanges") {
                demand("artifactChange", change);
                assert!(list(change, "replacements").count() > 0);
                for replacement in list(change, "replacements") {
                    region(&demand("replacement", replacement)["deletedRegion"]);
                }
            }
        }
    }
    assert!(
        results
            .iter()
            .any(|result| list(result, "fixes").count() > 0)
    );
    assert!(
        results
            .iter()
            .any(|result| list(result, "relatedLocations").count() > 0)
    );
    fingerprints.sort();
    let all = fingerprints.len();
    fingerprints.dedup();
    assert_eq!(
        fingerprints.len(),
        all,
        "no two findings have one fingerprint"
    );
    let invocation = demand("invocation", &run["invocations"][0]);
    assert_eq!(invocation["executionSuccessful"], false);
    for notification in list(invocation, "toolExecutionNotifications") {
        message(&demand("notification", notification)["message"]);
        list(notification, "locations").for_each(location);
    }

    // The fingerprint stays when the lines move.
    let fingerprint = |log: &Value| log["runs"][0]["results"][0]["partialFingerprints"].clone();
    let text = fs::read_to_string(folder.path().join("a b.wit")).unwrap();
    fs::write(folder.path().join("a b.wit"), format!("// more\n\n{text}")).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_isyswasfa-migrate"))
        .args(["check", "--output-format", "sarif"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let moved: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(fingerprint(&moved), fingerprint(&log));
}

#[test]
fn all_json_is_of_one_shape() {
    let keys =
        |value: &Value| -> Vec<String> { value.as_object().unwrap().keys().cloned().collect() };
    let manifest = "[package]\nname = \"a\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\nwasip2 = \"1\"\n";
    let folder = folder(&[("Cargo.toml", manifest), ("src/lib.rs", STATEMENTS)]);
    let checked = run(folder.path(), &["check", "--output-format", "json"]);
    let checked: Value = serde_json::from_slice(&checked.stdout).unwrap();
    for arguments in [
        &["rewrite", "--dry-run", "--report", "report.json"][..],
        &[
            "rewrite",
            "--to",
            "facade",
            "--dry-run",
            "--report",
            "report.json",
        ],
    ] {
        run(folder.path(), arguments);
        let report = fs::read_to_string(folder.path().join("report.json")).unwrap();
        let report: Value = serde_json::from_str(&report).unwrap();
        assert_eq!(keys(&report), keys(&checked), "{arguments:?}");
        assert_eq!(
            keys(&report["summary"]),
            keys(&checked["summary"]),
            "{arguments:?}"
        );
    }
}

#[test]
fn the_manifest_follows_to_compat() {
    let manifest = "[package]\nname = \"a\"\n\n[dependencies]\nwasip2 = \"1\"\nwit-bindgen = { version = \"0.41\", features = [\"realloc\"] }\n";
    let folder = folder(&[
        ("a/Cargo.toml", manifest),
        (
            "compat-api/Cargo.toml",
            "[package]\nname = \"compat-api\"\n",
        ),
    ]);
    let diff = |more: &[&str]| {
        let arguments = [&["diff", "--unsafe", "--target", "compat", "a"], more].concat();
        stdout(&run(folder.path(), &arguments))
    };
    let published = diff(&[]);
    assert!(
        published.contains("+compat-api = { version = \"0.1\" }\n"),
        "{published}"
    );
    assert!(
        published.contains("+polyfill-guest = { version = \"0.1\", features = [\"realloc\"] }\n"),
        "{published}"
    );
    let local = diff(&["--compat-api", "compat-api"]);
    assert!(
        local.contains("+compat-api = { path = \"../compat-api\" }\n"),
        "{local}"
    );
    assert!(
        local.contains("+polyfill-guest = { path = \"../polyfill-guest\", features"),
        "{local}"
    );
}

#[cfg(unix)]
#[test]
fn a_diff_is_paged_on_a_terminal_only() {
    let folder = folder(&[(
        "a.wit",
        "package a:b;\n\nworld w {\n  include wasi:http/proxy@0.2.0;\n}\n",
    )]);
    let program = env!("CARGO_BIN_EXE_isyswasfa-migrate");
    let piped = Command::new(program)
        .args(["diff", "."])
        .env("PAGER", "sed 's/^/PAGED /'")
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(
        stdout(&piped).starts_with("diff --git"),
        "{}",
        stdout(&piped)
    );
    // `script` gives it a terminal.
    let on_terminal = |pager: &str| {
        let output = Command::new("script")
            .args([
                "--quiet",
                "--return",
                "--command",
                &format!("{program} diff ."),
                "/dev/null",
            ])
            .env("PAGER", pager)
            .env("NO_COLOR", "1")
            .current_dir(folder.path())
            .stdin(std::process::Stdio::null())
            .output()
            .expect("`script` of util-linux is installed");
        stdout(&output)
    };
    assert!(on_terminal("sed 's/^/PAGED /'").contains("PAGED diff --git"));
    assert!(on_terminal("cat").contains("diff --git"));
    assert!(on_terminal("no-such-program").contains("diff --git"));
}
