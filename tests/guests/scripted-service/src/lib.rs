//! Answers as its path says, and prints what became of that: `/seen`, `/answer?STEP&STEP...`, `/pass?STEP&STEP...`.

mod answer;
mod seen;

use compat_api::cli::stdout;
use compat_api::exports::http::handler::Guest;
use compat_api::http::types::{ErrorCode, Fields, Request, Response};
use compat_api::{wit_future, wit_stream};

struct Scripted;

compat_api::http::service::export!(Scripted);

impl Guest for Scripted {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        let path = request.get_path_with_query().unwrap_or_default();
        let (what, steps) = path.split_once('?').unwrap_or((&path, ""));
        match what {
            "/answer" => Ok(answer::made(steps)),
            "/pass" => Ok(answer::passed_on(request, steps)),
            "/fail" => Err(ErrorCode::LoopDetected),
            _ => {
                let text = seen::described(request).await;
                let (mut out, contents) = wit_stream::new();
                let (_, trailers) = wit_future::new(|| Ok(None));
                let (response, _sent) = Response::new(Fields::new(), Some(contents), trailers);
                compat_api::wit_bindgen::spawn_local(async move {
                    out.write_all(text.into_bytes()).await;
                });
                Ok(response)
            }
        }
    }
}

/// Prints a line.
async fn print(line: String) {
    let (mut out, text) = wit_stream::new();
    let written = stdout::write_via_stream(text);
    out.write_all(format!("{line}\n").into_bytes()).await;
    drop(out);
    // A host may have nowhere to print to.
    let _ = written.await;
}
