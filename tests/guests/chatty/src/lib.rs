//! Writes its path to stdout, in as many lines as the path says, then answers with the number of
//! requests that this instance has had.

use compat_api::cli::{stderr, stdout};
use compat_api::clocks::monotonic_clock;
use compat_api::exports::http::handler::Guest;
use compat_api::http::types::{ErrorCode, Fields, Request, Response};
use compat_api::{spawn_local, wit_future, wit_stream};
use std::sync::atomic::{AtomicU32, Ordering};

struct Chatty;

compat_api::http::service::export!(Chatty);

static REQUESTS: AtomicU32 = AtomicU32::new(0);

impl Guest for Chatty {
    /// `/WORD`: one line. `/WORD/COUNT`: so many. `/WORD/wait`: one line, a wait, another line.
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        let number = REQUESTS.fetch_add(1, Ordering::Relaxed);
        let path = request.get_path_with_query().unwrap_or_default();
        let mut parts = path.split('/').skip(1);
        let word = parts.next().unwrap_or_default();
        match parts.next() {
            Some("wait") => {
                print(format!("{word} begins\n")).await;
                monotonic_clock::wait_for(200_000_000).await;
                print(format!("{word} ends\n")).await;
            }
            Some("complain") => complain(format!("{word}\n")).await,
            Some("partly") => print(word.to_owned()).await,
            Some(count) => {
                let lines = count.parse().unwrap_or(0);
                print((0..lines).map(|line| format!("{word} {line}\n")).collect()).await;
            }
            None => print(format!("{word}\n")).await,
        }
        Ok(answer(number.to_string()))
    }
}

async fn print(text: String) {
    let (mut writer, lines) = wit_stream::new();
    let written = stdout::write_via_stream(lines);
    writer.write_all(text.into_bytes()).await;
    drop(writer);
    written.await.expect("stdout takes it");
}

async fn complain(text: String) {
    let (mut writer, lines) = wit_stream::new();
    let written = stderr::write_via_stream(lines);
    writer.write_all(text.into_bytes()).await;
    drop(writer);
    written.await.expect("stderr takes it");
}

fn answer(text: String) -> Response {
    let (mut writer, body) = wit_stream::new();
    spawn_local(async move {
        writer.write_all(text.into_bytes()).await;
    });
    Response::new(Fields::new(), Some(body), wit_future::new(|| Ok(None)).1).0
}
