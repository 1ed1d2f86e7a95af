//! Makes the trace: composes the components, serves them, and sends requests.

use super::Trace;
use crate::{Backend, Server, body, deflate, exchange, guest, inflate, program};
use anyhow::{Context, Result, ensure};
use http::Request;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

/// The composition: components and the imports that they serve, in the order of their columns in the picture.
pub const PARTS: [(&str, &str); 6] = [
    ("", "router"),
    ("middleware", "middleware"),
    // `service` alone would answer at once, and nothing would ever wait.
    ("handler", "delay"),
    ("service,handler", "service"),
    ("echo", "echo"),
    ("hash-all", "hash-all"),
];

/// The body of the request and of the answer.
const TEXT: &str = "Hello from the other end of the pipes!";

/// Longer than the work that goes on after an answer.
const SETTLED: Duration = Duration::from_millis(500);

/// A trace of two requests, one after the other. During the first, each component registers itself and its imports. All later
/// ones are like the second.
pub async fn trace(folder: &Path) -> Result<Trace> {
    let composition = folder.join("app.wasm");
    let mut compose = Command::new(program("polyfill-host"));
    let file = |name| guest(name, Backend::Isyswasfa);
    compose.arg("compose").arg(file(PARTS[0].1));
    for (imports, part) in &PARTS[1..] {
        let plug = format!("{imports}={}", file(part).display());
        compose.args(["--plug", &plug]);
    }
    let status = compose.arg("-o").arg(&composition).status();
    let status = status.context("failed to start `polyfill-host`")?;
    ensure!(status.success(), "`polyfill-host compose` failed: {status}");

    let file = folder.join("trace.json");
    let path = file.to_str().context("a folder with a name of text")?;
    // One instance for both requests.
    let arguments = ["--trace", path, "--idle-instance-timeout", "60s"];
    let server = Server::start(&composition, &arguments).await;
    for _ in 0..2 {
        request(&server).await?;
        // The components may still work after the client has its answer, which the client cannot see.
        tokio::time::sleep(SETTLED).await;
    }
    let (status, log) = server.stop().await;
    ensure!(status.success(), "`polyfill-host serve` failed: {log}");
    Trace::read(&file)
}

/// One request with a deflated body, whose answer is deflated too.
async fn request(server: &Server) -> Result<()> {
    let request = Request::post("/middleware")
        .header("content-encoding", "deflate")
        .header("accept-encoding", "deflate")
        .body(body::full(deflate(TEXT.as_bytes())))?;
    let answer = exchange(server.address, request).await?;
    ensure!(answer.status == 200, "the answer is {answer:?}");
    ensure!(answer.headers["content-encoding"] == "deflate");
    ensure!(inflate(&answer.body)? == TEXT.as_bytes());
    Ok(())
}
