//! Components in several languages, composed with each other by the program's own commands.

use http::{Request, Response};
use isyswasfa_tests::{
    Backend, Language, Upstream, Variant, body, exchange, guest, hash, inflate, program,
    start_once_compiled, within,
};
use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::process::Command;
use std::sync::Arc;
use tokio::sync::Barrier;

/// Clients at once, and how many URLs each asks for.
const CLIENTS: usize = 8;
const URLS: usize = 4;

fn polyfill_host<A: AsRef<OsStr>>(arguments: impl IntoIterator<Item = A>) {
    let output = Command::new(program("polyfill-host"))
        .args(arguments)
        .output()
        .expect("the program starts");
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
}

/// The middleware in Rust, of the split ABI, in front of `hash-all` in Python, a native component. No fetch is answered before all
/// fetches of all clients are under way.
async fn the_rust_middleware_and_hash_all_in_python(is_lowered: bool) {
    let python = Variant {
        language: Language::Python,
        backend: Backend::Native,
    };
    if let Some(why) = python.language.missing() {
        eprintln!("left out: {why}");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let app = folder.path().join("app.wasm");
    let middleware = guest("middleware", Backend::Isyswasfa);
    let hash_all = python.guest("hash-all");
    polyfill_host([
        "compose".as_ref(),
        middleware.as_os_str(),
        "--plug".as_ref(),
        hash_all.as_os_str(),
        "-o".as_ref(),
        app.as_os_str(),
    ]);
    if is_lowered {
        let app = app.as_os_str();
        polyfill_host(["lower".as_ref(), app, "-o".as_ref(), app]);
    }
    let server = start_once_compiled(&app).await;

    let all_there = Arc::new(Barrier::new(CLIENTS * URLS));
    let upstream = Upstream::start(move |request| {
        let all_there = all_there.clone();
        async move {
            all_there.wait().await;
            Response::new(body::full(request.uri().path().to_owned()))
        }
    })
    .await;
    let clients = (0..CLIENTS).map(async |client| {
        let paths: Vec<_> = (0..URLS).map(|url| format!("/{client}/{url}")).collect();
        let request = Request::get("/").header("accept-encoding", "deflate");
        let request = paths.iter().fold(request, |request, path| {
            request.header("url", upstream.url(path))
        });
        let request = request.body(body::empty()).unwrap();
        let answer = exchange(server.address, request).await.unwrap();
        assert_eq!(answer.headers["content-encoding"], "deflate");
        let text = String::from_utf8(inflate(&answer.body).unwrap()).unwrap();
        let lines: BTreeSet<_> = text.lines().map(str::to_owned).collect();
        let expected = paths.iter().map(|path| {
            let url = upstream.url(path);
            format!("{url}: {}", hash(path.as_bytes()))
        });
        assert_eq!(lines, expected.collect());
    });
    within("all answers", futures::future::join_all(clients)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn python_behind_rust() {
    the_rust_middleware_and_hash_all_in_python(false).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn python_behind_rust_lowered() {
    the_rust_middleware_and_hash_all_in_python(true).await;
}
