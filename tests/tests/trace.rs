//! `--trace FILE`: what a viewer of Chrome's trace events is shown of a request.

use http::{Request, Response};
use isyswasfa_tests::{Backend, Server, Upstream, body, exchange, guest};
use serde_json::Value;

/// The events of a phase and a name.
fn events<'a>(trace: &'a [Value], phase: &str, name: &str) -> Vec<&'a Value> {
    let wanted = |event: &&Value| event["ph"] == phase && event["name"] == name;
    trace.iter().filter(wanted).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_that_wait_are_slices() {
    let upstream = Upstream::start(async |_| Response::new(body::full("hello"))).await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("trace.json");
    let arguments = ["--trace", file.to_str().unwrap()];
    let server = Server::start(&guest("hash-all", Backend::Isyswasfa), &arguments).await;
    let request = Request::get("/hash-all").header("url", upstream.url("/"));
    let request = request.body(body::empty()).unwrap();
    assert_eq!(exchange(server.address, request).await.unwrap().status, 200);
    let (status, log) = server.stop().await;
    assert!(status.success(), "{log}");

    let trace = std::fs::read(&file).unwrap();
    let trace: Vec<Value> = serde_json::from_slice(&trace).unwrap();
    let sent = events(&trace, "X", "send");
    assert_eq!(sent.len(), 1, "one request to the upstream: {trace:?}");
    assert_eq!(sent[0]["args"]["request"], 0);
    assert_eq!(sent[0]["args"]["end"], "fetched");
    // The host has entered the guest to begin, and again when the answer was there.
    let begun = events(&trace, "X", "start");
    assert_eq!(begun[0]["args"]["request"], 0);
    let sent_at = sent[0]["ts"].as_f64().unwrap();
    let polls = events(&trace, "X", "poll");
    let after = |poll: &&&Value| poll["ts"].as_f64().unwrap() > sent_at;
    assert!(polls.iter().any(|poll| after(&poll)), "{trace:?}");
    // Each track has a name.
    for event in trace.iter().filter(|event| event["ph"] == "X") {
        let names = events(&trace, "M", "thread_name");
        let named = |name: &&Value| name["tid"] == event["tid"] && name["pid"] == event["pid"];
        assert!(names.into_iter().any(|name| named(&name)), "{event}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_trace_that_cannot_be_written_is_said() {
    let app = guest("hash-all", Backend::Isyswasfa);
    let output = std::process::Command::new(isyswasfa_tests::program("polyfill-host"))
        .args(["serve", "--trace", "/no/such/folder/trace.json"])
        .arg(&app)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("`/no/such/folder/trace.json`"), "{said}");
}
