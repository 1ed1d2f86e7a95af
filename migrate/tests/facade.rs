//! The total step, `rewrite --to facade`: what real code bases have met, a test for each kind.

use isyswasfa_migrate::facade::{Facade, Moved, rewrite};
use isyswasfa_migrate::{Finding, Source};

const MANIFEST: &str = "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\nwasip2 = \"2\"\n";

fn moved(files: &[(&str, &str)]) -> Moved {
    let sources: Vec<Source> = files
        .iter()
        .map(|(path, text)| Source::new(*path, *text).unwrap())
        .collect();
    rewrite(&sources, &Facade::default())
}

fn text<'a>(moved: &'a Moved, path: &str) -> &'a str {
    let file = moved.files.iter().find(|file| file.path.ends_with(path));
    &file.unwrap().text
}

/// A library of one file.
fn library(code: &str) -> Moved {
    moved(&[("Cargo.toml", MANIFEST), ("src/lib.rs", code)])
}

fn code(before: &str) -> String {
    text(&library(before), "src/lib.rs").to_owned()
}

fn findings(moved: &Moved) -> Vec<&Finding> {
    moved.findings.iter().flatten().collect()
}

#[track_caller]
fn becomes(before: &str, after: &str) {
    assert_eq!(code(before), after);
    assert_eq!(code(after), after, "a second run changes something");
}

/// Only these lines change.
#[track_caller]
fn contains(before: &str, lines: &[&str]) {
    let after = code(before);
    for line in lines {
        assert!(after.contains(line), "`{line}` is not in:\n{after}");
    }
}

#[test]
fn no_arm_of_a_match_is_lost() {
    becomes(
        "use wasip2::io::streams::{InputStream, StreamError};\n\nfn all(stream: &InputStream) -> Result<Vec<u8>, StreamError> {\n    let mut all = vec![];\n    loop {\n        match stream.blocking_read(10) {\n            Ok(bytes) => all.extend(bytes),\n            Err(StreamError::Closed) => break,\n            Err(e) => return Err(e), // must stay\n        }\n    }\n    Ok(all)\n}\n",
        "use compat_api::p2::io::streams::{InputStream, StreamError};\n\nasync fn all(stream: &InputStream) -> Result<Vec<u8>, StreamError> {\n    let mut all = vec![];\n    loop {\n        match stream.blocking_read(10).await {\n            Ok(bytes) => all.extend(bytes),\n            Err(StreamError::Closed) => break,\n            Err(e) => return Err(e), // must stay\n        }\n    }\n    Ok(all)\n}\n",
    );
}

#[test]
fn callers_in_other_files_follow() {
    let moved = moved(&[
        ("Cargo.toml", MANIFEST),
        (
            "src/lib.rs",
            "mod inner;\nmod plain;\n\npub fn outer() -> u32 {\n    plain::twice(2)\n}\n",
        ),
        (
            "src/inner.rs",
            "pub fn nap() {\n    wasip2::clocks::monotonic_clock::subscribe_duration(1).block();\n}\n",
        ),
        (
            "src/plain.rs",
            "use crate::inner as i;\n\npub fn twice(count: u32) -> u32 {\n    (0..count).for_each(drop);\n    i::nap();\n    count\n}\n",
        ),
    ]);
    assert!(text(&moved, "plain.rs").contains("pub async fn twice"));
    assert!(text(&moved, "plain.rs").contains("i::nap().await;"));
    assert!(
        text(&moved, "lib.rs")
            .contains("pub async fn outer() -> u32 {\n    plain::twice(2).await\n}")
    );
    assert_eq!(moved.counts.functions, 3);
    assert!(findings(&moved).is_empty());
}

#[test]
fn names_of_ones_own_stay() {
    contains(
        "use wasip2::http::types as t;\nuse wasip2::http::types::{Fields, Method, Scheme};\n\npub struct Request {\n    pub method: Method,\n    pub headers: t::Fields,\n}\n\npub use wasip2::http::types::ErrorCode as Code;\n\npub fn of(request: &t::IncomingRequest) -> (Request, Option<Scheme>) {\n    (Request { method: request.method(), headers: Fields::new() }, None)\n}\n",
        &[
            "use compat_api::p2::http::types as t;",
            "use compat_api::p2::http::types::{Fields, Method, Scheme};",
            "pub struct Request {",
            "pub use compat_api::p2::http::types::ErrorCode as Code;",
            "pub fn of(request: &t::IncomingRequest)",
        ],
    );
}

#[test]
fn methods_go_by_type_and_not_by_name() {
    contains(
        "use wasip2::filesystem::types::Descriptor;\nuse wasip2::io::streams::InputStream;\n\npub struct Own(Vec<u8>);\n\nimpl Own {\n    pub fn read(&self, count: u64, offset: u64) -> usize {\n        self.0.len().min((count + offset) as usize)\n    }\n    pub fn block(&self) {}\n}\n\npub fn all(file: &Descriptor, stream: &InputStream, own: &Own) {\n    let _ = file.read(1, 0);\n    let _ = stream.read(1);\n    let _ = own.read(1, 0);\n    own.block();\n}\n",
        &[
            "file.read(1, 0).await;",
            "stream.read(1);",
            "own.read(1, 0);",
            "own.block();",
            "pub fn read(",
            "pub fn block(&self) {}",
        ],
    );
}

#[test]
fn what_cannot_be_async_waits_and_says_why() {
    let moved = library(
        "use wasip2::io::poll::Pollable;\n\npub struct Guard(Pollable);\n\nimpl Drop for Guard {\n    fn drop(&mut self) {\n        self.0.block();\n    }\n}\n\n#[unsafe(no_mangle)]\npub unsafe extern \"C\" fn called() {\n    wait();\n}\n\nfn wait() {\n    wasip2::clocks::monotonic_clock::subscribe_duration(1).block();\n}\n\npub fn each(all: &[Pollable]) {\n    all.iter().for_each(|one| one.block());\n    all.iter().for_each(Pollable::block);\n}\n",
    );
    let after = text(&moved, "src/lib.rs");
    for line in [
        "    fn drop(&mut self) {\n        compat_api::wit_bindgen::block_on(self.0.block());",
        "pub unsafe extern \"C\" fn called() {\n    compat_api::wit_bindgen::block_on(wait());",
        "async fn wait() {",
        "pub fn each(",
        "for_each(|one| compat_api::wit_bindgen::block_on(one.block()));",
        "for_each(|a| compat_api::wit_bindgen::block_on(Pollable::block(a)));",
    ] {
        assert!(after.contains(line), "`{line}` is not in:\n{after}");
    }
    let all = findings(&moved);
    let rules: Vec<_> = all.iter().map(|finding| finding.rule).collect();
    assert_eq!(
        rules,
        [
            "sync-caller",
            "sync-caller",
            "sync-caller",
            "function-pointer"
        ]
    );
    assert!(
        all[0]
            .message
            .contains("a method of `Drop`, a trait of another crate"),
        "{}",
        all[0].message
    );
    assert!(
        all[1].message.contains("an `extern` function"),
        "{}",
        all[1].message
    );
    assert!(
        all[2]
            .message
            .contains("a closure that is passed to `for_each`"),
        "{}",
        all[2].message
    );
}

#[test]
fn async_stands_before_unsafe() {
    contains(
        "/// # Safety\n/// None.\npub(crate) unsafe fn wait() {\n    wasip2::clocks::monotonic_clock::subscribe_duration(1).block();\n}\n",
        &["pub(crate) async unsafe fn wait() {"],
    );
}

#[test]
fn a_return_of_nothing_stays_one() {
    contains(
        "fn wait(wanted: bool) {\n    if !wanted {\n        return;\n    }\n    wasip2::clocks::monotonic_clock::subscribe_duration(1).block();\n}\n",
        &["async fn wait(wanted: bool) {", "        return;\n"],
    );
}

#[test]
fn a_main_that_awaits_becomes_run() {
    let moved = moved(&[
        ("Cargo.toml", MANIFEST),
        (
            "src/main.rs",
            "struct Command;\n\nfn main() -> Result<(), String> {\n    let _ = Command;\n    wasip2::cli::stdout::get_stdout().blocking_flush().map_err(|error| error.to_string())\n}\n",
        ),
        (
            "src/bin/quiet.rs",
            "fn main() {\n    println!(\"{}\", wasip2::clocks::monotonic_clock::now() > 0);\n}\n",
        ),
    ]);
    let main = text(&moved, "src/main.rs");
    for line in [
        "async fn start() -> Result<(), String> {",
        "struct Program;\n\ncompat_api::p2::cli::command::export!(Program);",
        "impl compat_api::p2::exports::cli::run::Guest for Program {",
        "start().await.map_err(|error| eprintln!(\"Error: {error:?}\"))?;",
        "fn main() {}",
    ] {
        assert!(main.contains(line), "`{line}` is not in:\n{main}");
    }
    assert!(
        text(&moved, "quiet.rs")
            .starts_with("fn main() {\n    println!(\"{}\", compat_api::p2::clocks::")
    );
}

#[test]
fn exports_follow() {
    contains(
        "struct App;\n\nimpl wasip2::exports::cli::run::Guest for App {\n    fn run() -> Result<(), ()> {\n        Ok(())\n    }\n}\n\nwasip2::cli::command::export!(App with_types_in wasip2);\n",
        &[
            "impl compat_api::p2::exports::cli::run::Guest for App {\n    async fn run()",
            "compat_api::p2::cli::command::export!(App with_types_in compat_api::p2);",
        ],
    );
}

#[test]
fn closures_become_async_with_what_calls_them() {
    contains(
        "use wasip2::io::poll::Pollable;\n\nfn with<R>(mut f: impl FnMut(&Pollable) -> R, all: &[Pollable]) -> Vec<R> {\n    let mut results = vec![];\n    for one in all {\n        results.push(f(one));\n    }\n    results\n}\n\npub fn wait(all: &[Pollable]) -> usize {\n    with(|one| one.block(), all).len() + with(|one| one.ready(), all).len()\n}\n\npub fn apart(x: u32, f: &dyn Fn(u32) -> u32) -> u32 {\n    f(x)\n}\n",
        &[
            "async fn with<R>(mut f: impl AsyncFnMut(&Pollable) -> R,",
            "results.push(f(one).await);",
            "with(async |one| one.block().await, all).await.len() + with(async |one| one.ready(), all).await.len()",
            "pub fn apart(x: u32, f: &dyn Fn(u32) -> u32) -> u32 {",
        ],
    );
}

#[test]
fn a_cycle_of_calls_is_boxed() {
    contains(
        "pub fn down(count: u32) {\n    if count > 0 {\n        wasip2::clocks::monotonic_clock::subscribe_duration(1).block();\n        down(count - 1);\n    }\n}\n\npub fn begin() {\n    down(3);\n}\n",
        &[
            "        Box::pin(down(count - 1)).await;",
            "    down(3).await;",
        ],
    );
}

#[test]
fn what_is_async_already_is_left() {
    contains(
        "use wasip2::io::poll::Pollable;\n\npub async fn wait(one: &Pollable) {\n    one.block();\n    let later = async { one.block() };\n    later.await\n}\n\npub async fn twice(one: &Pollable) {\n    wait(one).await;\n}\n",
        &[
            "    one.block().await;\n",
            "async { one.block().await };",
            "    wait(one).await;\n",
        ],
    );
}

#[test]
fn line_ends_and_comments_stay() {
    becomes(
        "// wasip2::http, said in a comment\r\npub fn wait( ) { /* a */ wasip2::clocks::monotonic_clock::subscribe_duration( 1 ) /* b */ . block( ) ; } // c\r\n",
        "// wasip2::http, said in a comment\r\npub async fn wait( ) { /* a */ compat_api::p2::clocks::monotonic_clock::subscribe_duration( 1 ) /* b */ . block( ).await ; } // c\r\n",
    );
}

#[test]
fn a_file_that_does_not_parse_keeps_everything() {
    let files = [
        ("Cargo.toml", MANIFEST),
        (
            "src/lib.rs",
            "mod broken;\npub use wasip2::http::types::Fields;\n",
        ),
        ("src/broken.rs", "fn {\n"),
    ];
    let moved = moved(&files);
    assert_eq!(moved.errors.iter().flatten().count(), 1);
    for ((_, before), after) in files.iter().zip(&moved.files) {
        assert_eq!(*before, after.text);
    }
}

#[test]
fn host_code_is_not_guest_code() {
    let moved = moved(&[
        (
            "Cargo.toml",
            "[package]\nname = \"host\"\nversion = \"0.1.0\"\n\n[dependencies]\nwasmtime = \"48\"\nwasi-common = \"48\"\nwasi = \"0.11\"\n",
        ),
        (
            "src/main.rs",
            "use wasmtime_wasi::p2::bindings::io::poll::Pollable;\n\nfn main() {\n    wasi::random_get(0, 0);\n    waiter().block();\n}\n\nwasmtime::component::bindgen!({ world: \"app\" });\n",
        ),
    ]);
    assert!(moved.counts.is_nothing());
    assert!(findings(&moved).is_empty());
}

#[test]
fn a_module_called_wasi_is_ones_own() {
    let moved = moved(&[
        (
            "Cargo.toml",
            &MANIFEST.replace("wasip2 = \"2\"", "wasi = \"0.14\""),
        ),
        (
            "src/lib.rs",
            "mod wasi;\n\npub fn nap() {\n    wasi::nap();\n    ::wasi::clocks::monotonic_clock::now();\n}\n",
        ),
        (
            "src/wasi.rs",
            "pub fn nap() {\n    ::wasi::clocks::monotonic_clock::subscribe_duration(1).block();\n}\n",
        ),
    ]);
    assert!(
        text(&moved, "lib.rs").contains(
            "    wasi::nap().await;\n    ::compat_api::p2::clocks::monotonic_clock::now();"
        )
    );
    assert!(text(&moved, "wasi.rs").contains(
        "::compat_api::p2::clocks::monotonic_clock::subscribe_duration(1).block().await;"
    ));
}

#[test]
fn a_type_that_is_not_found_is_reported() {
    let moved = library(
        "use wasip2::filesystem::types::Descriptor;\n\npub fn of(all: other::Holder<Descriptor>) {\n    let file = all.pick();\n    let _ = file.read(1, 2);\n}\n",
    );
    let rules: Vec<_> = findings(&moved)
        .iter()
        .map(|finding| finding.rule)
        .collect();
    assert_eq!(rules, ["unknown-receiver"]);
}

#[test]
fn manifests() {
    let code = "pub use wasip2::http::types::Fields;\n";
    let made = |manifest: &str| {
        let moved = moved(&[("Cargo.toml", manifest), ("src/lib.rs", code)]);
        text(&moved, "Cargo.toml").to_owned()
    };
    let head = "[package]\nname = \"app\"\nversion = \"0.1.0\"\n";
    let new = "compat-api = { version = \"0.1\", features = [\"p2\"] }";
    assert_eq!(
        made(&format!(
            "{head}\n[dependencies]\nserde = \"1\"\nwasip2 = \"2\" # bindings\nwit-bindgen = {{ git = \"https://example.org/w\", rev = \"abc\" }}\n"
        )),
        format!(
            "{head}\n[dependencies]\nserde = \"1\"\n{new} # bindings\nwit-bindgen = {{ git = \"https://example.org/w\", rev = \"abc\" }}\n"
        )
    );
    assert_eq!(
        made(&format!(
            "{head}\n[dependencies.wasip2]\nversion = \"2\"\n\n[profile.release]\nlto = true\n"
        )),
        format!(
            "{head}\n[dependencies.compat-api]\nversion = \"0.1\"\nfeatures = [\"p2\"]\n\n[profile.release]\nlto = true\n"
        )
    );
    // Something else needs it: a feature turns it on.
    let optional = format!(
        "{head}\n[features]\nguest = [\"dep:wasip2\"]\n\n[dependencies]\nwasip2 = {{ version = \"2\", optional = true }}\n"
    );
    let after = made(&optional);
    assert!(
        after.contains("wasip2 = { version = \"2\", optional = true }\n") && after.contains(new),
        "{after}"
    );
    // It is there already.
    let there = format!(
        "{head}\n[dependencies]\ncompat-api = {{ path = \"../compat-api\", features = [\"http-compat\"] }}\nwasip2 = \"2\"\n"
    );
    assert_eq!(
        made(&there),
        format!(
            "{head}\n[dependencies]\ncompat-api = {{ path = \"../compat-api\", features = [\"http-compat\", \"p2\"] }}\n"
        )
    );
}

#[test]
fn values_that_are_functions_keep_their_type() {
    contains(
        "pub type Action = fn(u64);\n\npub const ACTIONS: [Action; 1] = [wait];\n\npub fn pick() -> Action {\n    wait as Action\n}\n\nfn wait(nanoseconds: u64) {\n    wasip2::clocks::monotonic_clock::subscribe_duration(nanoseconds).block();\n}\n",
        &[
            "[|a| compat_api::wit_bindgen::block_on(wait(a))];",
            "(|a| compat_api::wit_bindgen::block_on(wait(a))) as Action",
        ],
    );
}

#[test]
fn a_loop_that_waits_for_nothing_is_found() {
    let moved = library(
        "use wasip2::io::streams::{InputStream, StreamError};\n\npub fn spin(stream: &InputStream) -> Vec<u8> {\n    loop {\n        if let Ok(bytes) = stream.read(1) {\n            return bytes;\n        }\n    }\n}\n\npub fn wait(stream: &InputStream) -> Result<Vec<u8>, StreamError> {\n    let ready = stream.subscribe();\n    while !ready.ready() {\n        ready.block();\n    }\n    stream.read(1)\n}\n",
    );
    let rules: Vec<_> = findings(&moved)
        .iter()
        .map(|finding| finding.rule)
        .collect();
    assert_eq!(rules, ["busy-loop"]);
}

#[test]
fn bindings_in_a_file() {
    let bindings = "// Generated by `wit-bindgen` 0.41.0. DO NOT EDIT!\n// Options used: `wasi:http/types@0.2.0`\npub mod wasi {\n    pub mod http {\n        pub mod types {}\n    }\n}\npub mod exports {\n    pub mod wasi {\n        pub mod http {\n            pub mod incoming_handler {}\n        }\n    }\n}\n";
    let code = "#[allow(warnings)]\nmod bindings;\n\nuse bindings::exports::wasi::http::incoming_handler::Guest;\nuse bindings::wasi::{clocks::monotonic_clock, http::types::*};\n\nstruct App;\n\nimpl Guest for App {\n    fn handle(request: IncomingRequest, out: ResponseOutparam) {\n        monotonic_clock::subscribe_duration(1).block();\n        drop((request, out));\n    }\n}\n\nbindings::export!(App with_types_in bindings);\n";
    let manifest = MANIFEST.replace("wasip2 = \"2\"", "wit-bindgen-rt = \"0.41\"");
    let moved = moved(&[
        ("Cargo.toml", &manifest),
        ("src/lib.rs", code),
        ("src/bindings.rs", bindings),
    ]);
    let after = text(&moved, "src/lib.rs");
    for line in [
        "use compat_api::p2::exports::http::incoming_handler::Guest;\n",
        "use compat_api::p2::{clocks::monotonic_clock, http::types::*};\n",
        "    async fn handle(request",
        "subscribe_duration(1).block().await;",
        "compat_api::p2::http::proxy::export!(App);\n",
    ] {
        assert!(after.contains(line), "`{line}` is not in:\n{after}");
    }
    assert!(!after.contains("mod bindings;"), "{after}");
    assert!(text(&moved, "Cargo.toml").contains("[dependencies]\ncompat-api = {"));
    assert_eq!(text(&moved, "bindings.rs"), bindings);
}
