//! A server under a mixture of good and bad clients for a while: every answer is right, and nothing stays behind.
//!
//! A few seconds for each backend here; `cargo xtask soak --seconds N` for longer.

mod client;
mod random;

use self::client::{Client, Counts, KINDS};
use http::Request;
use isyswasfa_tests::{
    Backend, Server, Upstream, body, exchange, guest, on_every_backend, program, within,
};
use std::time::{Duration, Instant};

/// Clients at once.
const CLIENTS: u64 = 16;

/// What the memory may grow by in the second half: caches of the allocator, in the main.
const SLACK: u64 = 24 << 20;

/// How long a soak takes: `ISYSWASFA_SOAK_SECONDS`, or little.
fn duration() -> Duration {
    let seconds = std::env::var("ISYSWASFA_SOAK_SECONDS").ok();
    let seconds = seconds.map(|text| text.parse().expect("`ISYSWASFA_SOAK_SECONDS` is a number"));
    Duration::from_secs(seconds.unwrap_or(6))
}

/// Answers with the request's body.
async fn upstream() -> Upstream {
    Upstream::start(|request| async move {
        let body = http_body_util::BodyExt::map_err(request.into_body(), std::io::Error::other);
        http::Response::new(http_body_util::BodyExt::boxed_unsync(body))
    })
    .await
}

/// Runs the clients for `time`, and answers how many exchanges of each kind there were. The upstream ends with them, and so do
/// the connections that the server keeps to it.
async fn load(server: &Server, seed: u64, time: Duration) -> Counts {
    let upstream = upstream().await;
    let until = Instant::now() + time;
    let clients = (0..CLIENTS).map(|number| {
        let client = Client::new(server.address, upstream.url("/"), seed ^ number);
        tokio::spawn(client.run(until))
    });
    let mut all = Counts::new();
    for client in clients.collect::<Vec<_>>() {
        for (kind, count) in client.await.expect("a client's answers are right") {
            *all.entry(kind).or_default() += count;
        }
    }
    all
}

/// Waits until the server has no more sockets than `before`, then answers what memory it has.
async fn settled(server: &Server, before: usize) -> u64 {
    within("the server closes all connections", async {
        while server.sockets() > before {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    })
    .await;
    server.resident()
}

on_every_backend! {
    async fn nothing_stays_of_good_and_bad_clients(backend) {
        let server = Server::start(&guest("echo", backend), &["--client-timeout", "2s"]).await;
        let before = server.sockets();
        let half = duration() / 2;
        // The first half fills caches and pools; what the second adds is a leak.
        let first = load(&server, 1, half).await;
        let warm = settled(&server, before).await;
        let second = load(&server, 2, half).await;
        let after = settled(&server, before).await;
        let request = Request::post("/echo").body(body::full("still there")).unwrap();
        assert_eq!(exchange(server.address, request).await.unwrap().text(), "still there");
        assert!(after <= warm + SLACK, "memory grew from {warm} to {after} bytes in {half:?}; before {first:?}, then {second:?}");
        assert!(first.len() == KINDS && second.len() == KINDS, "some kind of client never came: {first:?}, {second:?}");
        let (status, log) = server.stop().await;
        assert!(status.success(), "{status}: {log}");
        for word in ["panicked", "internal error", "trapped"] {
            assert!(!log.contains(word), "`{word}` in the log:\n{log}");
        }
        eprintln!("{}: {first:?}, then {second:?}; {} MiB, then {} MiB", backend.name(), warm >> 20, after >> 20);
    }
}

/// The same with a guest that is run: many in one process would hide what one leaves in the system.
#[tokio::test(flavor = "multi_thread")]
async fn a_command_leaves_no_files_behind() {
    let folder = tempfile::tempdir().unwrap();
    let runs = 5 + duration().as_secs() / 4;
    for _ in 0..runs {
        let run = tokio::process::Command::new(program("polyfill-host"))
            .arg("run")
            .arg("--dir")
            .arg(format!("{}::/w::ro", folder.path().display()))
            .arg(guest("walk", Backend::Isyswasfa))
            .arg("/w")
            .env("TMPDIR", folder.path())
            .output();
        let output = within("a run", run).await.unwrap();
        assert!(output.status.success(), "{output:?}");
    }
    let left = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 0, "files in the temporary folder");
}
