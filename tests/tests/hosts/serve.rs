//! Servers: they answer as the same guests do on `polyfill-host`.

use super::host::Host;
use super::process::Serving;
use super::record::Shown;
use futures::{StreamExt, stream};
use http::{Request, Response};
use http_body_util::BodyExt;
use isyswasfa_tests::{
    Answer, Backend, Body, Connection, Language, Server, Upstream, Variant, body, compose_five,
    essence, exchange, guest, hash, mirror, numbered, within,
};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// How many requests the composition of five gets: each kind 30 times.
const MIXED: usize = 210;
/// How many of them at once.
const AT_ONCE: usize = 16;

/// Makes the same request as often as it is called.
type MakeRequest<'a> = &'a dyn Fn() -> Request<Body>;

async fn start(host: &Host, component: &Path) -> Serving {
    let serve = host.serve.expect("a host that serves");
    Serving::start(serve, component).await
}

/// A component in another language than Rust, translated and lowered.
fn foreign(language: Language, case: &str) -> PathBuf {
    let backend = Backend::TranslatedLowered;
    Variant { language, backend }.guest(case)
}

/// A component in Python streams a body back.
pub async fn python(host: &Host) {
    streams_back(host, &foreign(Language::Python, "echo")).await;
    host.shown(Shown::Serves("echo.py"));
}

/// A component in JavaScript streams a body back.
pub async fn javascript(host: &Host) {
    streams_back(host, &foreign(Language::JavaScript, "echo")).await;
    host.shown(Shown::Serves("echo.js"));
}

async fn streams_back(host: &Host, echo: &Path) {
    let there = start(host, echo).await;
    let requests = (0..8).map(async |number| {
        let text = format!("request {number} ").repeat(number);
        let request = post("/echo").body(body::full(text.clone())).unwrap();
        let answer = exchange(there.address, request).await;
        let answer = answer.unwrap_or_else(|error| panic!("{error}: {}", there.said()));
        assert_eq!(
            (answer.status.as_u16(), answer.text()),
            (200, text.as_str())
        );
        assert_eq!(answer.headers["content-type"], "text/x");
    });
    futures::future::join_all(requests).await;
    let request = Request::get("/").body(body::empty()).unwrap();
    let answer = exchange(there.address, request).await.unwrap();
    assert_eq!(answer.status, 405, "{}", there.said());
}

/// Through the guest, and through the guest to another server and back.
pub async fn echo(host: &Host) {
    let there = start(host, &guest("echo", Backend::Lowered)).await;
    let here = Server::start(&guest("echo", Backend::Isyswasfa), &[]).await;
    let mirror = mirror().await;
    let requests: [(MakeRequest<'_>, u16, &str); 5] = [
        (
            &|| post("/echo").body(body::full("hello")).unwrap(),
            200,
            "hello",
        ),
        (&|| post("/echo").body(body::empty()).unwrap(), 200, ""),
        (
            &|| {
                let request = post("/double-echo").header("url", mirror.url("/a/b?c=d"));
                request.body(body::full("hello")).unwrap()
            },
            200,
            "hello",
        ),
        (
            &|| post("/double-echo").body(body::empty()).unwrap(),
            400,
            "",
        ),
        (
            &|| Request::get("/echo").body(body::empty()).unwrap(),
            405,
            "",
        ),
    ];
    for (request, status, text) in requests {
        let ours = essence(exchange(here.address, request()).await.unwrap());
        let theirs = essence(exchange(there.address, request()).await.unwrap());
        assert_eq!(theirs, ours, "{}", there.said());
        assert_eq!((theirs.0, theirs.2), (status, text.as_bytes().to_vec()));
    }
    host.shown(Shown::Serves("echo"));
}

fn post(path: &str) -> http::request::Builder {
    Request::post(path).header("content-type", "text/x")
}

/// 40 URLs, 16 of them at once, and what cannot be fetched: in one request, or if the host cannot send so many lines, in one each.
pub async fn hash_all(host: &Host) {
    let there = start(host, &guest("hash-all", Backend::Lowered)).await;
    let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let counted = (now, most.clone());
    let upstream = Upstream::start(move |request| {
        let (now, most) = counted.clone();
        async move {
            most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
            // Until the 16 that there may be are there; then a little longer, for a 17th.
            while most.load(Ordering::SeqCst) < 16 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
            now.fetch_sub(1, Ordering::SeqCst);
            let length = request.uri().path()[1..].parse().expect("a number");
            Response::new(body::patterned(length))
        }
    })
    .await;
    // What has been bound, but accepts no more.
    let closed = { mirror().await.url("/") };
    let lengths: Vec<u64> = (0..40).map(|number| number * 10_000).collect();
    let urls = lengths
        .iter()
        .map(|length| upstream.url(&format!("/{length}")));
    let urls: Vec<_> = urls.chain(["nonsense".into(), closed.clone()]).collect();
    let in_one = if host.streams.is_some() {
        urls.len()
    } else {
        1
    };
    let answers = stream::iter(urls.chunks(in_one)).map(async |urls| {
        let answer = exchange(there.address, hash_all_of(urls)).await.unwrap();
        answer.text().to_owned()
    });
    let answers: Vec<_> = answers.buffer_unordered(AT_ONCE).collect().await;
    let lines: BTreeSet<_> = answers.iter().flat_map(|answer| answer.lines()).collect();

    let mut expected: BTreeSet<String> = urls
        .iter()
        .zip(lengths)
        .map(|(url, length)| format!("{url}: {}", hash(&body::pattern(0, length as usize))))
        .collect();
    expected.insert("nonsense: error: ErrorCode::HttpRequestUriInvalid".into());
    expected.insert(format!("{closed}: error: ErrorCode::ConnectionRefused"));
    assert_eq!(lines, expected.iter().map(String::as_str).collect());
    assert_eq!(most.load(Ordering::SeqCst), 16);
    host.shown(Shown::Serves("hash-all"));
}

fn hash_all_of(urls: &[String]) -> Request<Body> {
    let request = urls
        .iter()
        .fold(Request::get("/"), |request, url| request.header("url", url));
    request.body(body::empty()).unwrap()
}

/// Requests for all of the five, many at once.
pub async fn router(host: &Host) {
    let folder = tempfile::tempdir().unwrap();
    let [lowered, split] = [Backend::Lowered, Backend::Isyswasfa].map(|backend| {
        let file = folder.path().join(backend.name()).with_extension("wasm");
        compose_five(backend, &file);
        file
    });
    let there = start(host, &lowered).await;
    let here = Server::start(&split, &[]).await;
    let mirror = mirror().await;
    let answers = async |address| {
        let all = stream::iter(0..MIXED).map(|number| {
            let (request, status, body) = numbered(number, &mirror);
            async move {
                let answer = exchange(address, request).await;
                let answer = essence(answer.unwrap_or_else(|error| panic!("{number}: {error}")));
                assert_eq!((answer.0, &answer.2), (status, &body), "request {number}");
                answer
            }
        });
        all.buffered(AT_ONCE).collect::<Vec<_>>().await
    };
    let ours = answers(here.address).await;
    let theirs = answers(there.address).await;
    for (number, (theirs, ours)) in theirs.iter().zip(&ours).enumerate() {
        assert_eq!(theirs, ours, "request {number}: {}", there.said());
    }
    host.shown(Shown::Serves("router"));
}

/// A body goes out while it comes in, whatever its length; and an answer begins before it is known how it ends.
pub async fn streams(host: &Host) {
    let there = start(host, &guest("echo", Backend::Lowered)).await;
    let length = host.streams.expect("a host that streams");
    for path in ["/echo", "/double-echo"] {
        let mirror = mirror().await;
        let request = Request::post(path).header("url", mirror.url("/"));
        let request = request.body(body::patterned(length)).unwrap();
        let mut connection = Connection::open(there.address).await;
        let mut response = connection.send(request).await.unwrap();
        let received = within("the body", body::check_pattern(response.body_mut())).await;
        assert_eq!(received, length, "{path}");
    }

    let there = start(host, &guest("hash-all", Backend::Lowered)).await;
    let (upstream, gate) = gated().await;
    let urls = [upstream.url("/late"), upstream.url("/soon")];
    let mut connection = Connection::open(there.address).await;
    let mut response = connection.send(hash_all_of(&urls)).await.unwrap();
    let line = async |response: &mut Response<hyper::body::Incoming>| {
        let frame = within("a line", response.frame()).await.unwrap().unwrap();
        frame.into_data().unwrap()
    };
    let done = hash(b"done");
    assert_eq!(line(&mut response).await, format!("{}: {done}\n", urls[1]));
    gate.add_permits(1);
    assert_eq!(line(&mut response).await, format!("{}: {done}\n", urls[0]));
    host.shown(Shown::Bodies("streamed"));
}

/// An upstream that answers `/late` when the gate is opened, and anything else at once.
async fn gated() -> (Upstream, Arc<Semaphore>) {
    let gate = Arc::new(Semaphore::new(0));
    let behind = gate.clone();
    let upstream = Upstream::start(move |request| {
        let gate = behind.clone();
        async move {
            if request.uri().path() == "/late" {
                gate.acquire().await.unwrap().forget();
            }
            Response::new(body::full("done"))
        }
    });
    (upstream.await, gate)
}

/// A host that sends nothing before the handler has returned, and keeps two writes for so long: a guest that writes more waits
/// for ever. So it is with any guest; shown by one that was written by hand for WASI 0.2, which writes 4 KiB at once.
pub async fn answers_when_all_is_done(host: &Host) {
    let there = start(host, &guest("hash-all", Backend::Lowered)).await;
    let (upstream, gate) = gated().await;
    let url = upstream.url("/late");
    let mut connection = Connection::open(there.address).await;
    let mut answer = pin!(connection.send(hash_all_of(std::slice::from_ref(&url))));
    assert!(timeout(SOON, &mut answer).await.is_err());
    gate.add_permits(1);
    let answer = Answer::read(answer.await.unwrap()).await.unwrap();
    assert_eq!(answer.text(), format!("{url}: {}\n", hash(b"done")));

    let by_hand = start(host, &guest("plain", Backend::Isyswasfa)).await;
    let lowered = start(host, &guest("echo", Backend::Lowered)).await;
    for server in [by_hand, lowered] {
        let echoed = async |length| {
            let body = body::patterned(length);
            let request = Request::post("/echo").body(body).unwrap();
            let echoed = timeout(SOON, exchange(server.address, request))
                .await
                .ok()?;
            Some(echoed.unwrap().body.len() as u64)
        };
        assert_eq!(echoed(4096).await, Some(4096), "{}", server.said());
        assert_eq!(echoed(1 << 20).await, None, "{}", server.said());
    }
    host.shown(Shown::Bodies(
        "sent when the handler has returned: short ones",
    ));
}

/// Long for what comes, short for what does not.
const SOON: Duration = Duration::from_secs(10);
