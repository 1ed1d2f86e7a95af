//! `--trace FILE`: what a viewer of Chrome's trace events is shown of a request.

use http::{Request, Response};
use isyswasfa_tests::picture::Trace;
use isyswasfa_tests::{
    Backend, Server, Upstream, body, composable, compose_files, exchange, guest,
};
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
    // A viewer can show it, and the component is called as its code is.
    let trace = Trace::read(&file).unwrap();
    let runs = |slice: &&isyswasfa_tests::picture::Slice| slice.row.name == "hash-all";
    assert_eq!(trace.slices.iter().find(runs).unwrap().name, "start handle");
}

#[tokio::test(flavor = "multi_thread")]
async fn components_are_entered_one_within_the_other() {
    let (delay, service) = ("delay", "service");
    let [first, second] = [delay, service].map(|name| composable(name, Backend::Isyswasfa));
    // The same component twice is two of them.
    let app = compose_files(&first, &[("", &first), ("", &second)]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let [component, file] = ["app.wasm", "trace.json"].map(|name| folder.path().join(name));
    std::fs::write(&component, app).unwrap();
    let server = Server::start(&component, &["--trace", file.to_str().unwrap()]).await;
    for _ in 0..2 {
        let request = Request::post("/").body(body::full("hello")).unwrap();
        let answer = exchange(server.address, request).await.unwrap();
        assert_eq!(answer.text(), "hello");
    }
    let (status, log) = server.stop().await;
    assert!(status.success(), "{log}");

    let trace = Trace::read(&file).unwrap();
    let runs = |name: &str, by: &str| {
        let found = trace.slices.iter();
        let found = found.filter(|slice| slice.row.name == name && slice.args["by"] == by);
        found.map(|slice| slice.name.as_str()).collect::<Vec<_>>()
    };
    // Two requests, each with a wait in both.
    let count = |runs: Vec<&str>, what| runs.into_iter().filter(|name| *name == what).count();
    for (name, by) in [("delay", "host"), ("delay 2", "delay")] {
        assert_eq!(count(runs(name, by), "start handle"), 2, "{name}");
        assert_eq!(count(runs(name, by), "result handle"), 2, "{name}");
        assert!(count(runs(name, by), "poll") >= 2, "{name}");
    }
    // `service` is done at once: nothing but the call enters it, and it makes no task.
    assert_eq!(count(runs("service", "delay 2"), "start handle"), 2);
    assert_eq!(count(runs("service", "delay 2"), "result handle"), 0);
    let tasks = |row: &str| {
        trace
            .slices
            .iter()
            .filter(|slice| slice.row.name == row)
            .count()
    };
    assert_eq!((tasks("delay 2: tasks"), tasks("service: tasks")), (2, 0));
    // Each of the four timers wakes who waits for it.
    let timers = trace.arrows.iter();
    let timers =
        timers.filter(|arrow| arrow.name == "wakes" && arrow.from.0.name == "host: functions");
    let mut woken: Vec<&str> = timers.map(|arrow| arrow.to.0.name.as_str()).collect();
    woken.sort_unstable();
    assert_eq!(woken, ["delay", "delay", "delay 2", "delay 2"]);
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
