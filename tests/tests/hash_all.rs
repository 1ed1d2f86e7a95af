//! The case `hash-all`: many requests at once from one guest.

use bytes::Bytes;
use futures::stream;
use http::{Request, Response, StatusCode};
use http_body_util::BodyExt;
use isyswasfa_tests::{
    Backend, Body, Connection, Server, Upstream, body, exchange, guest, hash, in_languages, within,
};
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tokio::sync::Semaphore;

fn hash_all(urls: impl IntoIterator<Item = impl AsRef<str>>) -> Request<Body> {
    let request = urls.into_iter().fold(Request::get("/"), |request, url| {
        request.header("url", url.as_ref())
    });
    request.body(body::empty()).unwrap()
}

/// `/N` is N bytes of the pattern; anything else is 404 with a body.
async fn answer(path: &str) -> Response<Body> {
    match path.trim_start_matches('/').parse() {
        Ok(length) => Response::new(body::patterned(length)),
        Err(_) => Response::builder()
            .status(StatusCode::NOT_FOUND)
            .body(body::full("no such number"))
            .unwrap(),
    }
}

in_languages! {
    [python: Python]

    async fn every_url_gets_its_line(variant) {
        let server = variant.serve("hash-all").await;
        let upstream = Upstream::start(|request| async move { answer(request.uri().path()).await }).await;
        let urls = [0, 1, 1000, 3 << 20].map(|length| upstream.url(&format!("/{length}")));
        let answer = exchange(server.address, hash_all(&urls)).await.unwrap();
        assert_eq!(answer.status, 200);
        let lines: BTreeSet<_> = answer.text().lines().map(str::to_owned).collect();
        let expected = urls.iter().zip([0, 1, 1000, 3 << 20]).map(|(url, length)| {
            format!("{url}: {}", hash(&body::pattern(0, length)))
        });
        assert_eq!(lines, expected.collect());
    }

    async fn no_url_no_line(variant) {
        let server = variant.serve("hash-all").await;
        let none: [&str; 0] = [];
        let answer = exchange(server.address, hash_all(none)).await.unwrap();
        assert_eq!((answer.status.as_u16(), answer.text()), (200, ""));
    }

    async fn what_fails_has_its_error_in_its_line(variant) {
        let server = variant.serve("hash-all").await;
        let upstream = Upstream::start(|request| async move {
            if request.uri().path() != "/broken" {
                return answer(request.uri().path()).await;
            }
            let pieces = [Ok(Bytes::from("half")), Err(std::io::Error::other("broken"))];
            Response::new(body::pieces(stream::iter(pieces)))
        })
        .await;
        let closed = Upstream::start(|_| async { Response::new(body::empty()) }).await.url("/");
        let urls = [upstream.url("/5"), upstream.url("/broken"), closed, "nonsense".into()];
        let answer = exchange(server.address, hash_all(&urls)).await.unwrap();
        let line = |url: &str| {
            let start = format!("{url}: ");
            let found = answer.text().lines().find_map(|line| line.strip_prefix(&start));
            found.unwrap_or_else(|| panic!("no line for {url}: {}", answer.text())).to_owned()
        };
        assert_eq!(line(&urls[0]), hash(&body::pattern(0, 5)));
        assert!(line(&urls[1]).starts_with("error: ErrorCode::"), "{}", line(&urls[1]));
        assert_eq!(line(&urls[2]), "error: ErrorCode::ConnectionRefused");
        assert_eq!(line(&urls[3]), "error: ErrorCode::HttpRequestUriInvalid");
        assert_eq!(answer.text().lines().count(), urls.len());
    }

    async fn https_is_fetched_and_its_certificate_checked(variant) {
        let handler = |_| async { Response::new(body::full("secret")) };
        let trusted = Upstream::start_tls(handler).await;
        let stranger = Upstream::start_tls(handler).await;
        let env = [("SSL_CERT_FILE", trusted.authority())];
        let server = Server::start_with(&variant.guest("hash-all"), &[], &env).await;
        let urls = [trusted.url("/"), stranger.url("/")];
        let answer = exchange(server.address, hash_all(&urls)).await.unwrap();
        let expected = BTreeSet::from([
            format!("{}: {}", urls[0], hash(b"secret")),
            format!("{}: error: ErrorCode::TlsCertificateError", urls[1]),
        ]);
        assert_eq!(answer.text().lines().map(str::to_owned).collect::<BTreeSet<_>>(), expected);
    }

    async fn sixteen_are_fetched_at_once(variant) {
        let server = variant.serve("hash-all").await;
        let (now, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let counted = (now.clone(), most.clone());
        let upstream = Upstream::start(move |_| {
            let (now, most) = counted.clone();
            async move {
                most.fetch_max(now.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                // Until the 16 that there may be are there; then a little longer, for a 17th.
                while most.load(Ordering::SeqCst) < 16 {
                    tokio::time::sleep(Duration::from_millis(5)).await;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
                now.fetch_sub(1, Ordering::SeqCst);
                Response::new(body::full("done"))
            }
        })
        .await;
        let urls: Vec<_> = (0..40).map(|number| upstream.url(&format!("/{number}"))).collect();
        let answer = exchange(server.address, hash_all(&urls)).await.unwrap();
        let expected: BTreeSet<_> = urls.iter().map(|url| format!("{url}: {}", hash(b"done"))).collect();
        assert_eq!(answer.text().lines().map(str::to_owned).collect::<BTreeSet<_>>(), expected);
        assert_eq!(most.load(Ordering::SeqCst), 16);
    }

    async fn a_line_comes_when_its_url_is_done(variant) {
        let server = variant.serve("hash-all").await;
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
        })
        .await;
        let urls = [upstream.url("/late"), upstream.url("/soon")];
        let mut connection = Connection::open(server.address).await;
        let mut response = connection.send(hash_all(&urls)).await.unwrap();
        let frame = within("the first line", response.frame()).await.unwrap().unwrap();
        assert_eq!(frame.into_data().unwrap(), format!("{}: {}\n", urls[1], hash(b"done")));
        gate.add_permits(1);
        let frame = within("the second line", response.frame()).await.unwrap().unwrap();
        assert_eq!(frame.into_data().unwrap(), format!("{}: {}\n", urls[0], hash(b"done")));
        assert!(within("the end", response.frame()).await.is_none());
    }

    async fn many_clients_share_instances(variant) {
        let server = variant.serve("hash-all").await;
        let upstream = Upstream::start(|request| async move {
            tokio::time::sleep(Duration::from_millis(20)).await;
            answer(request.uri().path()).await
        })
        .await;
        let clients = (0..100).map(|number| {
            let (url, address) = (upstream.url(&format!("/{number}")), server.address);
            async move {
                let answer = exchange(address, hash_all([&url])).await.unwrap();
                assert_eq!(answer.text(), format!("{url}: {}\n", hash(&body::pattern(0, number))));
            }
        });
        within("all answers", futures::future::join_all(clients)).await;
    }
}

struct Guard(Arc<Semaphore>);

impl Drop for Guard {
    fn drop(&mut self) {
        self.0.add_permits(1);
    }
}

// Not natively: wasmtime 48 does not tell a 0.3 guest that the client of its response has gone.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_goes_away_ends_the_fetching() {
    let server = Server::start(&guest("hash-all", Backend::Isyswasfa), &[]).await;
    let open = Arc::new(Semaphore::new(0));
    let (opened, closed) = (open.clone(), Arc::new(Semaphore::new(0)));
    let closing = closed.clone();
    let upstream = Upstream::start(move |_| {
        let (open, closed) = (opened.clone(), closing.clone());
        async move {
            open.add_permits(1);
            // Goes when the connection does.
            let guard = Guard(closed);
            Response::new(body::pieces(stream::unfold(guard, |guard| async {
                tokio::time::sleep(Duration::from_millis(5)).await;
                Some((Ok(Bytes::from_static(b".")), guard))
            })))
        }
    })
    .await;
    let urls: Vec<_> = (0..4)
        .map(|number| upstream.url(&format!("/{number}")))
        .collect();
    let mut connection = Connection::open(server.address).await;
    let response = connection.send(hash_all(&urls)).await.unwrap();
    within("four requests", open.acquire_many(4))
        .await
        .unwrap()
        .forget();
    drop((response, connection));
    within("four ends", closed.acquire_many(4))
        .await
        .unwrap()
        .forget();
}
