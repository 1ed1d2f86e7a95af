//! The facade of `compat-api`: programs written for WASI 0.2 do on it what they did. Each is one source (`guests/facade` and
//! `guests/facade-proxy`), built for 0.2 by the crate `wasip2` and for all backends by `compat_api::p2`.

mod list;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_body_util::BodyExt;
use isyswasfa_tests::command::{Ran, execute};
use isyswasfa_tests::{
    Abi, Backend, Body, Connection, Server, Upstream, body, exchange, guest, on_every_backend,
};
use std::fs;
use std::path::Path;

/// Built without a choice of backends, where those lie that are valid 0.2.
const BEFORE: Backend = Backend::Isyswasfa;

async fn outcome(component: &str, backend: Backend, arguments: &[&str], stdin: &[u8]) -> Ran {
    let folder = tempfile::tempdir().unwrap();
    outcome_in(folder.path(), component, backend, arguments, stdin).await
}

/// The folder is the one that the program may use.
async fn outcome_in(
    folder: &Path,
    component: &str,
    backend: Backend,
    arguments: &[&str],
    stdin: &[u8],
) -> Ran {
    let work = format!("{}::/work", folder.display());
    let options = [
        "-S",
        "inherit-network,allow-ip-name-lookup",
        "--env",
        "A=b",
        "--dir",
        &work,
    ];
    execute(&guest(component, backend), &options, arguments, stdin).await
}

/// The program does on `backend` what it does on 0.2. That is at least `lines` lines.
async fn same(backend: Backend, arguments: &[&str], stdin: &[u8], lines: usize) {
    let before = outcome("facade-before", BEFORE, arguments, stdin).await;
    assert_eq!(before.status, 0, "{before:?}");
    assert!(before.stdout.lines().count() >= lines, "{}", before.stdout);
    let after = outcome("facade", backend, arguments, stdin).await;
    let lines = before.stdout.lines().zip(after.stdout.lines());
    for (before, after) in lines {
        assert_eq!(after, before);
    }
    assert_eq!(after, before);
}

/// The program traps, before and after, and says why with the facade.
async fn traps(backend: Backend, program: &str, why: &str) {
    let before = outcome("facade-before", BEFORE, &[program], b"").await;
    assert_eq!((before.status, before.stdout.as_str()), (134, ""));
    let after = outcome("facade", backend, &[program], b"").await;
    assert_eq!((after.status, after.stdout.as_str()), (134, ""));
    assert!(after.stderr.contains(why), "{}", after.stderr);
}

/// Two lines, and much that is none.
fn input() -> Vec<u8> {
    let mut input = b"first line, and\nsecond\n".to_vec();
    input.extend(vec![b'x'; 70_000]);
    input
}

on_every_backend! {
    async fn command_line(backend) {
        same(backend, &["cli", "an argument"], b"", 6).await;
    }

    async fn exit(backend) {
        let mut programs = vec![("exit", 1)];
        // 0.2.0, which lowered components need, has no exit codes.
        if backend.abi() != Abi::Lowered {
            programs.push(("exit-with-code", 3));
        }
        for (program, status) in programs {
            let before = outcome("facade-before", BEFORE, &[program], b"").await;
            assert_eq!(before.status, status);
            assert_eq!(outcome("facade", backend, &[program], b"").await, before);
        }
    }

    async fn clocks(backend) {
        same(backend, &["clocks"], b"", 12).await;
    }

    async fn random(backend) {
        same(backend, &["random"], b"", 11).await;
    }

    async fn poll(backend) {
        same(backend, &["poll"], b"", 5).await;
        traps(backend, "no-pollables", "`poll` was given no pollables").await;
    }

    async fn a_reactor_of_its_own(backend) {
        same(backend, &["reactor"], b"", 1).await;
    }

    async fn input_streams(backend) {
        same(backend, &["input"], &input(), 11).await;
    }

    async fn output_streams(backend) {
        same(backend, &["output"], b"", 10).await;
    }

    async fn more_than_is_permitted(backend) {
        // Not every host of 0.2 counts what is written to stdout.
        let after = outcome("facade", backend, &["too-much"], b"").await;
        assert_eq!((after.status, after.stdout.as_str()), (134, ""));
        assert!(after.stderr.contains("`check_write` says how many it takes"), "{}", after.stderr);
        traps(backend, "too-long", "takes at most 4096 bytes, and was given 4097").await;
    }

    async fn splice(backend) {
        same(backend, &["splice"], &input(), 2).await;
    }

    async fn traits_of_the_standard_library(backend) {
        same(backend, &["std"], &input(), 3000).await;
    }

    async fn files(backend) {
        same(backend, &["files"], b"", 70).await;
        // What was written and not flushed: hosts of 0.2 may lose it.
        let folder = tempfile::tempdir().unwrap();
        outcome_in(folder.path(), "facade", backend, &["files"], b"").await;
        assert_eq!(fs::read_to_string(folder.path().join("last")).unwrap(), "words");
    }

    async fn tcp(backend) {
        same(backend, &["tcp"], b"", 60).await;
    }

    async fn udp(backend) {
        same(backend, &["udp"], b"", 25).await;
    }

    async fn http_client(backend) {
        let upstream = Upstream::start(upstream).await;
        let address = upstream.address.to_string();
        same(backend, &["client", &address], b"", 45).await;
    }

    async fn http_service(backend) {
        let upstream = Upstream::start(upstream).await;
        let before = answers("facade-proxy-before", BEFORE, &upstream).await;
        let statuses: Vec<_> = before.iter().map(|answer| answer.status).collect();
        assert_eq!(statuses, [200, 200, 200, 200, 200, 200, 200, 404, 500, 500, 200, 201, 201, 0, 0]);
        let after = answers("facade-proxy", backend, &upstream).await;
        for (before, after) in before.iter().zip(&after) {
            assert_eq!(after, before);
        }
    }

    async fn beside_code_of_0_3(backend) {
        let ran = outcome("facade-beside", backend, &[], b"first second third").await;
        assert_eq!((ran.status, ran.stderr.as_str()), (0, ""));
        assert_eq!(ran.stdout, include_str!("facade/beside.txt"));
    }

    async fn a_client_that_goes(backend) {
        for (name, backend) in [("facade-proxy-before", BEFORE), ("facade-proxy", backend)] {
            let server = Server::start(&guest(name, backend), &[]).await;
            let mut connection = Connection::open(server.address).await;
            let request = Request::get("/endless").body(body::empty()).unwrap();
            let response = connection.send(request).await.unwrap();
            assert_eq!(response.status(), StatusCode::OK);
            drop((response, connection));
            server.logged("nobody reads it").await;
        }
    }
}

/// Says what it was asked. `/large` and `/count` have large bodies, and `/never` is never answered.
async fn upstream(request: Request<hyper::body::Incoming>) -> Response<Body> {
    let (head, incoming) = request.into_parts();
    let path = head.uri.path().to_owned();
    if path == "/never" {
        std::future::pending::<()>().await;
    }
    let received = incoming.collect().await;
    let contents = received.map(|body| body.to_bytes()).unwrap_or_default();
    let own = head.headers.get("x-own").cloned();
    let said = match path.as_str() {
        "/large" => body::pattern(0, 3_000_000),
        "/count" => Bytes::from(contents.len().to_string()),
        _ => {
            let said = format!("{} {} {own:?} ", head.method, head.uri);
            Bytes::from([said.as_bytes(), &contents].concat())
        }
    };
    let mut trailers = HeaderMap::new();
    trailers.insert("x-after", HeaderValue::from_static("goodbye"));
    Response::builder()
        .status(StatusCode::CREATED)
        .header("x-upstream", "yes")
        .header("trailer", "x-after")
        .body(body::with_trailers(said, trailers))
        .unwrap()
}

/// What a client sees. Without an answer, or a whole one, the status is 0.
#[derive(Debug, Default, PartialEq)]
struct Seen {
    path: String,
    status: u16,
    own: [Option<HeaderValue>; 3],
    after: Option<HeaderValue>,
    body: Bytes,
}

async fn answers(name: &str, backend: Backend, upstream: &Upstream) -> Vec<Seen> {
    let environment = format!("UPSTREAM={}", upstream.address);
    let server = Server::start(&guest(name, backend), &["--env", &environment]).await;
    let mut answers = Vec::new();
    for request in requests() {
        let path = request.uri().path().to_owned();
        let Ok(answer) = exchange(server.address, request).await else {
            answers.push(Seen {
                path,
                ..Seen::default()
            });
            continue;
        };
        let header = |name| answer.headers.get(name).cloned();
        answers.push(Seen {
            path,
            status: answer.status.as_u16(),
            own: [header("x-kind"), header("x-upstream"), header("trailer")],
            after: answer.trailers.get("x-after").cloned(),
            // What the host says of failures is its own.
            body: if answer.status.is_server_error() {
                Bytes::new()
            } else {
                answer.body
            },
        });
    }
    answers
}

fn requests() -> Vec<Request<Body>> {
    let mut trailers = HeaderMap::new();
    trailers.insert("x-after", HeaderValue::from_static("mine"));
    let with_trailers = |path: &str| {
        Request::post(path)
            .header("te", "trailers")
            .header("trailer", "x-after")
            .body(body::with_trailers("contents", trailers.clone()))
            .unwrap()
    };
    let get = |path: &str| {
        Request::get(path)
            .header("x-own", "mine")
            .header("te", "trailers")
            .body(body::empty())
            .unwrap()
    };
    let put = |path: &str, length| Request::put(path).body(body::patterned(length)).unwrap();
    vec![
        get("/info?a=b"),
        put("/info", 10_000),
        put("/echo", 0),
        put("/echo", 1_000_000),
        with_trailers("/trailers"),
        get("/slow"),
        get("/no-stream"),
        get("/status"),
        get("/refused"),
        get("/nothing"),
        put("/echo", 10),
        get("/forward"),
        put("/forward", 300_000),
        get("/unfinished"),
        get("/too-short"),
    ]
}
