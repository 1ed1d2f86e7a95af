//! Requests: what they come to for whoever sends them.

use crate::fields::entries;
use crate::words::{Line, number, text};
use compat_api::http::client;
use compat_api::http::types::{ErrorCode, Fields, Method, Request, Response, Scheme};
use compat_api::wit_bindgen::{FutureReader, spawn_local};
use compat_api::{wit_future, wit_stream};
use std::cell::RefCell;
use std::fmt::Write;
use std::pin::Pin;
use std::rc::Rc;

type Sent = FutureReader<Result<(), ErrorCode>>;

/// `send to=AUTHORITY method=.. scheme=.. path=.. field=NAME:VALUE write=COUNT... trailers=..`: what came back, what was not
/// taken of each write, and what was told of the transmission.
pub async fn send(line: &Line) -> String {
    let (request, sent, writer) = match made(line) {
        Ok(made) => made,
        Err(why) => return why,
    };
    let answer = client::send(request).await;
    let mut report = String::new();
    let mut note = |text: String| write!(report, "{text}; ").expect("a string takes all");
    match answer {
        Err(code) => note(format!("{code:?}")),
        Ok(response) => {
            note(response.get_status_code().to_string());
            let (_, handled) = wit_future::new(|| Ok(()));
            let (body, trailers) = Response::consume_body(response, handled);
            note(text(&body.collect().await));
            match trailers.await {
                Ok(Some(trailers)) => note(entries(&trailers)),
                Ok(None) => note("no trailers".into()),
                Err(code) => note(format!("{code:?}")),
            }
        }
    }
    if let Some(writer) = writer {
        note(format!("left {:?}", writer.await));
    }
    note(format!("sent {:?}", sent.await));
    report
}

/// The same request, which is dropped: what was told.
pub async fn unsent(line: &Line) -> String {
    let (request, sent, writer) = match made(line) {
        Ok(made) => made,
        Err(why) => return why,
    };
    drop(request);
    let left = match writer {
        Some(writer) => writer.await,
        None => Vec::new(),
    };
    // Which error it is, nothing says.
    format!("left {left:?}, sent well: {}", sent.await.is_ok())
}

/// Who writes: what was not taken of each write.
type Writer = Pin<Box<dyn Future<Output = Vec<usize>>>>;

fn made(line: &Line) -> Result<(Request, Sent, Option<Writer>), String> {
    let fields = Fields::new();
    for field in line.all("field") {
        let at = field.iter().position(|byte| *byte == b':').unwrap_or(0);
        let (name, value) = (text(&field[..at]), &field[at + 1..]);
        fields
            .append(&name, value)
            .map_err(|error| format!("{name}: {error:?}"))?;
    }
    let writes: Vec<_> = line.all("write").map(|count| number(&count)).collect();
    let (end, trailers) = wit_future::new(|| Ok(None));
    let kind = line.get("trailers").unwrap_or_default();
    let (contents, writer) = if writes.is_empty() {
        drop(end);
        (None, None)
    } else {
        let (mut contents, stream) = wit_stream::new();
        let left = Rc::new(RefCell::new(Vec::new()));
        let writing = spawn_local({
            let left = left.clone();
            async move {
                for count in writes {
                    let rest = contents.write_all(vec![b'y'; count as usize]).await;
                    left.borrow_mut().push(rest.len());
                    if !rest.is_empty() {
                        // Nobody reads any more: natively, another write would trap.
                        break;
                    }
                }
                let list = [("x-end".to_owned(), b"yes".to_vec())];
                let trailers = Fields::from_list(&list).expect("trailers");
                let failed = || Err(ErrorCode::InternalError(Some("no".into())));
                match kind.as_str() {
                    // Before the contents end.
                    "early" => {
                        let _ = end.write(Ok(Some(trailers))).await;
                        drop(contents);
                    }
                    "late" => {
                        drop(contents);
                        let _ = end.write(Ok(Some(trailers))).await;
                    }
                    "early-error" => {
                        let _ = end.write(failed()).await;
                        drop(contents);
                    }
                    "error" => {
                        drop(contents);
                        let _ = end.write(failed()).await;
                    }
                    _ => {}
                }
            }
        });
        let writer: Writer = Box::pin(async move {
            writing.await;
            left.take()
        });
        (Some(stream), Some(writer))
    };
    let (request, sent) = Request::new(fields, contents, trailers, None);
    let set = |what: &str, done: Result<(), ()>| done.map_err(|()| format!("no {what}"));
    if let Some(method) = line.get("method") {
        set("method", request.set_method(&Method::Other(method)))?;
    }
    let scheme = line.get("scheme").map(Scheme::Other);
    set("scheme", request.set_scheme(scheme.as_ref()))?;
    set(
        "authority",
        request.set_authority(line.get("to").as_deref()),
    )?;
    set(
        "path",
        request.set_path_with_query(line.get("path").as_deref()),
    )?;
    Ok((request, sent, writer))
}
