//! What a guest can learn from its host, one path each: environment, clocks, random numbers,
//! terminals; and `/say`, which writes to stdout and stderr.

use compat_api::cli::{
    environment, stderr, stdin, stdout, terminal_stderr, terminal_stdin, terminal_stdout,
};
use compat_api::clocks::{monotonic_clock, system_clock};
use compat_api::exports::http::handler::Guest;
use compat_api::http::types::{ErrorCode, Fields, Request, Response};
use compat_api::random::{insecure, insecure_seed, random};
use compat_api::{spawn_local, wit_future, wit_stream};

struct Facts;

compat_api::http::service::export!(Facts);

const MILLISECOND: u64 = 1_000_000;

impl Guest for Facts {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        let text = match request.get_path_with_query().as_deref() {
            Some("/environment") => format!("{:?}", environment::get_environment()),
            Some("/arguments") => format!("{:?}", environment::get_arguments()),
            Some("/cwd") => format!("{:?}", environment::get_initial_cwd()),
            Some("/time") => system_clock::now().seconds.to_string(),
            Some("/wait") => wait().await,
            Some("/random") => random_numbers(),
            Some("/terminals") => terminals(),
            Some("/stdin") => stdin_to_end().await,
            Some("/say") => say().await,
            _ => return Ok(respond("no such fact".into(), 404)),
        };
        Ok(respond(text, 200))
    }
}

fn respond(text: String, status: u16) -> Response {
    let (mut writer, body) = wit_stream::new();
    spawn_local(async move {
        writer.write_all(text.into_bytes()).await;
    });
    let (response, _) = Response::new(Fields::new(), Some(body), wit_future::new(|| Ok(None)).1);
    response.set_status_code(status).expect("a valid status");
    response
}

/// Whether both ways to wait wait as long as they are asked to.
async fn wait() -> String {
    let start = monotonic_clock::now();
    monotonic_clock::wait_for(20 * MILLISECOND).await;
    let middle = monotonic_clock::now();
    monotonic_clock::wait_until(middle + 20 * MILLISECOND).await;
    let end = monotonic_clock::now();
    monotonic_clock::wait_until(start).await; // Long past: no wait at all.
    format!(
        "{} {}",
        middle - start >= 20 * MILLISECOND,
        end - middle >= 20 * MILLISECOND
    )
}

fn random_numbers() -> String {
    let same = random::get_random_u64() == random::get_random_u64()
        || insecure::get_insecure_random_u64() == insecure::get_insecure_random_u64();
    let lengths = (
        random::get_random_bytes(1000).len(),
        insecure::get_insecure_random_bytes(1000).len(),
    );
    let _ = insecure_seed::get_insecure_seed();
    format!("{same} {lengths:?}")
}

fn terminals() -> String {
    let terminals = [
        terminal_stdin::get_terminal_stdin().is_some(),
        terminal_stdout::get_terminal_stdout().is_some(),
        terminal_stderr::get_terminal_stderr().is_some(),
    ];
    format!("{terminals:?}")
}

async fn stdin_to_end() -> String {
    let (input, result) = stdin::read_via_stream();
    let bytes = input.collect().await;
    format!("{} {:?}", bytes.len(), result.await)
}

async fn say() -> String {
    let (mut out, lines) = wit_stream::new();
    let written = stdout::write_via_stream(lines);
    out.write_all(b"one line to stdout\nand ano".to_vec()).await;
    out.write_all(b"ther\n".to_vec()).await;
    drop(out);
    let out = written.await;

    let (mut err, lines) = wit_stream::new();
    let written = stderr::write_via_stream(lines);
    err.write_all(b"one line to stderr\n".to_vec()).await;
    drop(err);
    format!("{out:?} {:?}", written.await)
}
