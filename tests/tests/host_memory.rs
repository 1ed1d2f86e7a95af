//! What a guest makes the host hold is counted in bytes, whatever it is, and has one limit.

use isyswasfa_tests::body::empty;
use isyswasfa_tests::probe::{Probed, With, probe};
use isyswasfa_tests::{Abi, Backend};
use isyswasfa_tests::{Server, exchange, guest};

/// What is held in the host on every backend.
const EVERYWHERE: &[&str] = &["fields", "field-sets", "field-lists", "field-clones"];

/// What lowered components hold in their own memory, until a request is sent.
const BUILT: &[&str] = &["methods", "authorities", "paths"];

/// What native components, and lowered ones, hold in their own memory.
const SPLIT: &[&str] = &["codes", "trailers"];

fn probes(backend: Backend) -> impl Iterator<Item = &'static str> {
    let more: &[&[&str]] = match backend.abi() {
        Abi::Split => &[BUILT, SPLIT],
        Abi::Native => &[BUILT],
        Abi::Lowered => &[],
    };
    EVERYWHERE
        .iter()
        .chain(more.iter().copied().flatten())
        .copied()
}

/// Each probe holds about 100 KiB as often as it is told.
async fn check(backend: Backend, with: With) {
    let options = ["-S", "max-host-memory=4M"];
    for what in probes(backend) {
        let few = probe(backend, with, &options, what, 10).await;
        assert!(
            matches!(&few, Probed::Said(text) if text.starts_with("10 ")),
            "{what}: {few:?}"
        );
        let many = probe(backend, with, &options, what, 200).await;
        let Probed::Ended(text) = &many else {
            panic!("{what}: {many:?}");
        };
        for part in ["-S max-host-memory=BYTES", "4194304"] {
            assert!(text.contains(part), "{what}: {text}");
        }
    }
    // What was given back does not count.
    let dropped = probe(backend, with, &options, "fields-dropped", 200).await;
    assert_eq!(dropped.text(), "200 fields-dropped");
    // A write of bytes is taken in part instead.
    let bytes = probe(backend, with, &options, "bytes", 100).await;
    assert_eq!(bytes.text(), "100 bytes");
}

isyswasfa_tests::on_every_backend! {
    async fn what_is_held_for_a_command_is_limited(backend) {
        check(backend, With::Run).await;
    }

    async fn what_is_held_for_a_server_is_limited(backend) {
        check(backend, With::Serve).await;
    }

    /// Without any option, a guest of a few MiB can't make the host's process grow without end.
    async fn there_is_a_limit_by_default(backend) {
        let server = Server::start(&guest("probe-serve", backend), &[]).await;
        let before = server.resident();
        for what in probes(backend) {
            let request = http::Request::get(format!("/{what}/6000")).body(empty()).unwrap();
            let answer = exchange(server.address, request).await.unwrap();
            assert_eq!(answer.status, 500, "{what}");
            server.logged("-S max-host-memory").await;
            let grown = (server.most_resident() - before) >> 20;
            assert!(grown < 400, "{what}: {grown} MiB");
        }
    }
}
