//! Responses made of steps, and what became of them.

use crate::print;
use compat_api::http::types::{ErrorCode, Fields, Request, Response};
use compat_api::wit_bindgen::{FutureWriter, StreamWriter, spawn_local};
use compat_api::{wit_future, wit_stream};

/// How the trailers come.
#[derive(Default)]
enum Trailers {
    #[default]
    None,
    Early,
    Late,
    Error,
}

type End = FutureWriter<Result<Option<Fields>, ErrorCode>>;

/// `status=N`, `field=NAME:VALUE`, `length=N`, `write=COUNT`, `trailers=KIND`.
struct Steps {
    status: u16,
    fields: Fields,
    writes: Vec<usize>,
    trailers: Trailers,
}

impl Steps {
    fn of(text: &str) -> Self {
        let mut steps = Steps {
            status: 200,
            fields: Fields::new(),
            writes: Vec::new(),
            trailers: Trailers::None,
        };
        for step in text.split('&') {
            let (what, value) = step.split_once('=').unwrap_or((step, ""));
            let number = value.parse().unwrap_or(0);
            match what {
                "status" => steps.status = number as u16,
                "write" => steps.writes.push(number),
                "length" => {
                    let _ = steps.fields.append("content-length", value.as_bytes());
                }
                "field" => {
                    let (name, value) = value.split_once(':').unwrap_or((value, ""));
                    let _ = steps.fields.append(name, value.as_bytes());
                }
                "trailers" => {
                    steps.trailers = match value {
                        "early" => Trailers::Early,
                        "late" => Trailers::Late,
                        "error" => Trailers::Error,
                        _ => Trailers::None,
                    }
                }
                _ => {}
            }
        }
        steps
    }
}

pub fn made(text: &str) -> Response {
    let steps = Steps::of(text);
    let (end, trailers) = wit_future::new(|| Ok(None));
    let (writer, contents) = if steps.writes.is_empty() {
        (None, None)
    } else {
        let (writer, contents) = wit_stream::new();
        (Some(writer), Some(contents))
    };
    let (response, sent) = Response::new(steps.fields, contents, trailers);
    let status = response.set_status_code(steps.status);
    let name = text.to_owned();
    spawn_local(async move {
        let left = match writer {
            Some(writer) => write(writer, steps.writes, steps.trailers, end).await,
            None => {
                finish(steps.trailers, end).await;
                Vec::new()
            }
        };
        print(format!(
            "{name}: {status:?}, left {left:?}, sent {:?}",
            sent.await
        ))
        .await;
    });
    response
}

/// The request's body as the response's.
pub fn passed_on(request: Request, text: &str) -> Response {
    let steps = Steps::of(text);
    let (_, handled) = wit_future::new(|| Ok(()));
    let (contents, trailers) = Request::consume_body(request, handled);
    let (response, sent) = Response::new(steps.fields, Some(contents), trailers);
    let name = text.to_owned();
    spawn_local(async move { print(format!("{name}: sent {:?}", sent.await)).await });
    response
}

/// What was not taken of each write.
async fn write(
    mut writer: StreamWriter<u8>,
    writes: Vec<usize>,
    trailers: Trailers,
    end: End,
) -> Vec<usize> {
    let mut left = Vec::new();
    for count in writes {
        let rest = writer.write_all(vec![b'y'; count]).await.len();
        left.push(rest);
        if rest > 0 {
            // Nobody reads any more: natively, another write would trap.
            break;
        }
    }
    match trailers {
        // Before the contents end.
        Trailers::Early => {
            finish(trailers, end).await;
            drop(writer);
        }
        _ => {
            drop(writer);
            finish(trailers, end).await;
        }
    }
    left
}

async fn finish(trailers: Trailers, end: End) {
    let list = [("x-end".to_owned(), b"yes".to_vec())];
    let result = match trailers {
        // Dropping it says so.
        Trailers::None => return,
        Trailers::Early | Trailers::Late => Fields::from_list(&list)
            .map(Some)
            .map_err(|_| ErrorCode::InternalError(None)),
        Trailers::Error => Err(ErrorCode::InternalError(Some("no".into()))),
    };
    // Nobody may want to know.
    let _ = end.write(result).await;
}
