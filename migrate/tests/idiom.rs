//! The second step on code that is on the facade: whatever is still the API of 0.2 is found, and what moves, moves with all that belongs to it.

use isyswasfa_migrate::edit::Safety;
use isyswasfa_migrate::moves::moves;
use isyswasfa_migrate::{Finding, Options, Source, check, migrate};

const MANIFEST: &str = "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\ncompat-api = { version = \"0.1\", features = [\"p2\"] }\n";

fn sources(files: &[(&str, &str)]) -> Vec<Source> {
    files
        .iter()
        .map(|(path, text)| Source::new(*path, *text).unwrap())
        .collect()
}

/// The files after all fixes, by path.
fn moved(files: &[(&str, &str)]) -> Vec<String> {
    let done = migrate(sources(files), &Options::default(), Safety::Unsafe);
    assert!(done.reports.iter().all(|report| report.error.is_none()));
    let again = migrate(done.files.clone(), &Options::default(), Safety::Unsafe);
    for (once, twice) in done.files.iter().zip(&again.files) {
        assert_eq!(once.text, twice.text, "the second time changes something");
    }
    done.files.into_iter().map(|file| file.text).collect()
}

fn found(files: &[(&str, &str)]) -> Vec<Finding> {
    let reports = check(&sources(files), &Options::default());
    reports
        .into_iter()
        .flat_map(|report| report.findings)
        .collect()
}

/// The Rust path of an item of 0.2 below its bindings: `http::types::Fields`. Functions of types are found by their calls.
fn path(name: &str) -> Option<String> {
    let (interface, item) = name.strip_prefix("wasi:")?.split_once('.')?;
    if item.contains('.') || name.contains(" (world)") {
        return None;
    }
    let (package, interface) = interface.split_once('/')?;
    let snake = |name: &str| name.replace('-', "_");
    let is_type = !is_function(name);
    let own = match is_type {
        true => item.split('-').fold(String::new(), |name, word| {
            let (first, rest) = word.split_at(1);
            name + &first.to_uppercase() + &rest.to_lowercase()
        }),
        false => snake(item),
    };
    Some(format!("{}::{}::{own}", snake(package), snake(interface)))
}

fn is_function(name: &str) -> bool {
    const WORDS: [&str; 16] = [
        "get-",
        "subscribe-",
        "resolve-addresses",
        "create-",
        "now",
        "resolution",
        "poll.poll",
        "exit",
        "initial-cwd",
        "insecure-seed",
        "instance-network.instance",
        "handle",
        "-error-code",
        "run.run",
        "http-error",
        "filesystem-error",
    ];
    let item = name.split_once('.').map_or("", |(_, item)| item);
    WORDS
        .iter()
        .any(|word| item.starts_with(word) || name.contains(&format!(".{word}")))
        || item.ends_with("-error-code")
        || name.ends_with("poll.poll")
}

/// Each item of the table, in five forms: all have a finding.
#[test]
fn nothing_of_0_2_is_overlooked() {
    let mut seen = 0;
    for (name, _) in moves().entries() {
        let Some(path) = path(name) else { continue };
        // What a guest exports is a trait of its own.
        if name.starts_with("wasi:cli/run") || name.starts_with("wasi:http/incoming-handler") {
            continue;
        }
        let (module, own) = path.rsplit_once("::").unwrap();
        let (_, interface) = module.rsplit_once("::").unwrap();
        let mention = |path: &str| match own.starts_with(char::is_uppercase) {
            true => format!("fn f(_: {path}) {{}}\n"),
            false => format!("async fn f() {{\n    let _ = {path}();\n}}\n"),
        };
        let forms = [
            mention(&format!("compat_api::p2::{path}")),
            format!("use compat_api::p2::{path};\n\n{}", mention(own)),
            format!(
                "use compat_api::p2::{module} as module;\n\n{}",
                mention(&format!("module::{own}"))
            ),
            format!("use compat_api::p2::{module}::*;\n\n{}", mention(own)),
            format!(
                "pub use compat_api::p2 as sys;\nuse self::sys::{module};\n\n{}",
                mention(&format!("{interface}::{own}"))
            ),
        ];
        for form in forms {
            let findings = found(&[("src/lib.rs", &form)]);
            let facade = findings
                .iter()
                .any(|finding| finding.rule.starts_with("facade-"));
            assert!(facade, "{name}: nothing is found in\n{form}");
            seen += 1;
        }
    }
    assert!(seen > 400, "{seen}");
}

#[test]
fn types_are_known_across_files() {
    let findings = found(&[
        ("Cargo.toml", MANIFEST),
        (
            "src/inner.rs",
            "use compat_api::p2::io::streams::InputStream;\n\npub struct Body<T> {\n    pub stream: Option<T>,\n}\n\npub type Bytes = Body<InputStream>;\n",
        ),
        (
            "src/lib.rs",
            "mod inner;\n\npub async fn first(body: &inner::Bytes) -> Vec<u8> {\n    // compat_api\n    match &body.stream {\n        Some(stream) => stream.blocking_read(1).await.unwrap(),\n        None => Vec::new(),\n    }\n}\n",
        ),
    ]);
    let rules: Vec<_> = findings.iter().map(|finding| finding.rule).collect();
    assert_eq!(rules, ["facade-path", "facade-call"]);
}

#[test]
fn the_feature_goes_with_the_last_path() {
    let code = "use compat_api::p2::clocks::monotonic_clock::subscribe_duration;\n\npub async fn rest() {\n    subscribe_duration(1).block().await;\n}\n";
    let after = moved(&[("Cargo.toml", MANIFEST), ("src/lib.rs", code)]);
    assert_eq!(
        after[0],
        MANIFEST.replace(", features = [\"p2\"]", ""),
        "{}",
        after[0]
    );
    assert_eq!(
        after[1],
        "use compat_api::clocks::monotonic_clock::wait_for;\n\npub async fn rest() {\n    wait_for(1).await;\n}\n"
    );
    // Another file still has a path.
    let other =
        "pub fn ready(all: &compat_api::p2::io::poll::Pollable) -> bool {\n    all.ready()\n}\n";
    let after = moved(&[
        ("Cargo.toml", MANIFEST),
        ("src/lib.rs", &format!("mod other;\n{code}")),
        ("src/other.rs", other),
    ]);
    assert_eq!(after[0], MANIFEST);
    assert_eq!(after[2], other);
}

#[test]
fn a_workspace_keeps_the_feature_while_a_member_needs_it() {
    let root = "[workspace]\nmembers = [\"a\", \"b\"]\n\n[workspace.dependencies]\ncompat-api = { version = \"0.1\", features = [\"p2\"] }\n";
    let member = "[package]\nname = \"a\"\n\n[dependencies]\ncompat-api = { workspace = true }\n";
    let needs = "pub type All = Vec<compat_api::p2::io::poll::Pollable>;\n";
    let files = [
        ("Cargo.toml", root),
        ("a/Cargo.toml", member),
        ("a/src/lib.rs", "pub fn nothing() {}\n"),
        ("b/Cargo.toml", &member.replace("\"a\"", "\"b\"")),
        ("b/src/lib.rs", needs),
    ];
    assert_eq!(moved(&files)[0], root);
    let mut without = files;
    without[4].1 = "pub fn nothing() {}\n";
    assert_eq!(
        moved(&without)[0],
        root.replace(", features = [\"p2\"]", "")
    );
}

#[test]
fn a_package_with_bindings_of_0_2_stays() {
    let manifest = format!("{MANIFEST}wasip2 = \"1\"\n");
    let code = "use compat_api::p2::http::types::Scheme;\n\npub fn of(_: wasip2::http::types::Method) -> Scheme {\n    Scheme::Http\n}\n";
    let done = migrate(
        sources(&[("Cargo.toml", &manifest), ("src/lib.rs", code)]),
        &Options::default(),
        Safety::Safe,
    );
    assert!(
        done.files[1]
            .text
            .contains("use compat_api::p2::http::types::Scheme;")
    );
}

/// What a comment allows stays, with all that would have changed with it.
#[test]
fn what_is_allowed_stays() {
    let code = "use compat_api::p2::clocks::monotonic_clock::subscribe_duration;\n\npub async fn rest() {\n    subscribe_duration(1).block().await;\n    // isyswasfa: allow(facade-timer) measured with it\n    subscribe_duration(2).block().await;\n}\n";
    let after = moved(&[("src/lib.rs", code)]);
    assert!(
        after[0].contains("    compat_api::clocks::monotonic_clock::wait_for(1).await;\n"),
        "{}",
        after[0]
    );
    assert!(
        after[0].contains("    subscribe_duration(2).block().await;\n"),
        "{}",
        after[0]
    );
    assert!(
        after[0].contains("use compat_api::p2::clocks::monotonic_clock::subscribe_duration;"),
        "{}",
        after[0]
    );
}

/// A truncated stream does not count as one that ended.
#[test]
fn no_arm_for_errors_is_lost() {
    let code = |arms: &str| {
        format!(
            "use wasi::cli::stdin;\nuse wasi::io::streams::StreamError;\n\nasync fn all() -> Vec<u8> {{\n    let input = stdin::get_stdin();\n    let mut all = vec![];\n    loop {{\n        match input.blocking_read(10) {{\n            Ok(bytes) => all.extend(bytes),\n{arms}        }}\n    }}\n    all\n}}\n"
        )
    };
    let after = &moved(&[(
        "src/lib.rs",
        &code(
            "            Err(StreamError::Closed) => break,\n            Err(error) => panic!(\"{error:?}\"),\n",
        ),
    )])[0];
    assert!(
        after.contains("let (mut input, read) = stdin::read_via_stream();"),
        "{after}"
    );
    assert!(after.contains("            _ => match read.await {\n                Ok(_) => break,\n                Err(error) => panic!(\"{error:?}\"),\n            },\n"), "{after}");
    // The other order, and the error in another form.
    let after = &moved(&[(
        "src/lib.rs",
        &code(
            "            Err(StreamError::LastOperationFailed(e)) => panic!(\"{}\", e.to_debug_string()),\n            Err(StreamError::Closed) => break,\n",
        ),
    )])[0];
    assert!(after.contains("            _ => match read.await {\n                Err(e) => panic!(\"{}\", format!(\"{e:?}\")),\n                Ok(_) => break,\n            },\n"), "{after}");
    // Both are the same to it.
    let after = &moved(&[("src/lib.rs", &code("            Err(_) => break,\n"))])[0];
    assert!(
        after.contains("            _ => break,\n") && after.contains("_read)"),
        "{after}"
    );
    // It goes on after the end, or passes the error on: nothing is changed.
    for arms in [
        "            Err(StreamError::Closed) => {}\n            Err(error) => panic!(\"{error:?}\"),\n",
        "            Err(StreamError::Closed) => break,\n            Err(error) => return told(error),\n",
    ] {
        let after = &moved(&[("src/lib.rs", &code(arms))])[0];
        assert!(after.contains(arms), "{after}");
        assert!(after.contains("input.blocking_read(10)"), "{after}");
    }
}

/// What a write failed with is told as before.
#[test]
fn no_failed_write_is_lost() {
    let code = |end: &str| {
        format!(
            "use wasi::cli::stdout;\n\nasync fn all() -> anyhow::Result<()> {{\n    let output = stdout::get_stdout();\n    output.blocking_write_and_flush(b\"x\"){end};\n    Ok(())\n}}\n"
        )
    };
    for (end, told) in [
        (".unwrap()", "    output_written.await.unwrap();\n"),
        ("?", "    output_written.await?;\n"),
    ] {
        let after = &moved(&[("src/lib.rs", &code(end))])[0];
        assert!(after.contains(told), "{after}");
    }
}

/// What can't await stays, and says so; nothing is written that does not parse.
#[test]
fn what_cannot_await_stays() {
    let nap = "subscribe_duration(1).block()";
    for (around, why) in [
        (
            format!("pub unsafe extern \"C\" fn f() {{\n    {nap};\n}}\n"),
            "an `extern` function",
        ),
        (
            format!("fn f(all: &[u64]) {{\n    all.iter().for_each(|_| {nap});\n}}\n"),
            "a closure",
        ),
        (
            format!(
                "struct D;\n\nimpl Drop for D {{\n    fn drop(&mut self) {{\n        {nap};\n    }}\n}}\n"
            ),
            "a method of a trait",
        ),
        (
            format!(
                "impl std::fmt::Display for D {{\n    fn fmt(&self, _: &mut std::fmt::Formatter) -> std::fmt::Result {{\n        {nap};\n        Ok(())\n    }}\n}}\n"
            ),
            "a method of a trait",
        ),
        (format!("fn main() {{\n    {nap};\n}}\n"), "`main`"),
    ] {
        let code = format!("use wasi::clocks::monotonic_clock::subscribe_duration;\n\n{around}");
        let files = [("src/lib.rs", code.as_str())];
        assert!(moved(&files)[0].contains(&around), "{}", moved(&files)[0]);
        let told = found(&files);
        let told = told.iter().filter_map(|finding| finding.help.as_deref());
        assert!(
            told.clone().any(|help| help.contains(why)),
            "{why}: {:?}",
            told.collect::<Vec<_>>()
        );
    }
    // Code for other code, and a macro's body.
    for around in [
        format!("fn f() -> TokenStream {{\n    quote!({nap})\n}}\n"),
        format!("macro_rules! nap {{\n    () => {{\n        {nap}\n    }};\n}}\n"),
    ] {
        let code = format!("use wasi::clocks::monotonic_clock::subscribe_duration;\n\n{around}");
        assert!(moved(&[("src/lib.rs", &code)])[0].contains(&around));
    }
    let code = format!(
        "use wasi::clocks::monotonic_clock::subscribe_duration;\n\npub unsafe fn f() {{\n    {nap};\n}}\n"
    );
    let after = &moved(&[("src/lib.rs", &code)])[0];
    assert!(
        after.contains("pub async unsafe fn f() {\n    wait_for(1).await;\n}"),
        "{after}"
    );
}

/// A name of one's own keeps its meaning.
#[test]
fn names_of_ones_own_are_not_taken() {
    let code = "use wasi::http::types::{Fields, OutgoingResponse};\n\npub struct Response(u16);\n\npub fn made() -> OutgoingResponse {\n    let made = OutgoingResponse::new(Fields::new());\n    made.set_status_code(Response(201).0).unwrap();\n    made\n}\n";
    assert_eq!(moved(&[("src/lib.rs", code)])[0], code);
    let told = found(&[("src/lib.rs", code)]);
    assert!(
        told.iter().any(|finding| finding
            .help
            .as_deref()
            .is_some_and(|help| help.contains("a `Response` of its own"))),
        "{told:?}"
    );
}

#[test]
fn what_is_passed_on_is_not_lost() {
    let code = "pub use wasi::http::types::{Method, OutgoingBody};\n";
    assert_eq!(moved(&[("src/lib.rs", code)])[0], code);
}

#[test]
fn an_export_has_the_types_of_its_crate() {
    let code = "struct App;\n\nimpl wasi::exports::cli::run::Guest for App {\n    fn run() -> Result<(), ()> {\n        Ok(())\n    }\n}\n\nwasi::cli::command::export!(App with_types_in wasi);\n";
    let after = &moved(&[("src/lib.rs", code)])[0];
    assert!(
        after.contains("wasip3::cli::command::export!(App);"),
        "{after}"
    );
}
