//! Everything that a guest can do wrong, one path each: shows what becomes of the client, of the
//! log and of the other requests.

use compat_api::clocks::monotonic_clock;
use compat_api::exports::http::handler::Guest;
use compat_api::http::types::{ErrorCode, Fields, Request, Response};
use compat_api::{spawn_local, wit_future, wit_stream};
use std::future::pending;

struct Faults;

compat_api::http::service::export!(Faults);

const SECOND: u64 = 1_000_000_000;

impl Guest for Faults {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        match request.get_path_with_query().as_deref() {
            Some("/fine") => Ok(text("fine")),
            Some("/slow") => {
                monotonic_clock::wait_for(SECOND).await;
                Ok(text("slow"))
            }
            Some("/error") => Err(ErrorCode::InternalError(Some("on purpose".into()))),
            Some("/panic") => panic!("asked to panic"),
            // Long before an answer of `/slow` is under way.
            Some("/panic-later") => {
                monotonic_clock::wait_for(SECOND / 4).await;
                panic!("asked to panic later")
            }
            Some("/panic-in-body") => Ok(panic_in_body()),
            Some("/spin") => loop {
                std::hint::spin_loop();
            },
            Some("/never") => pending().await,
            Some("/never-in-body") => Ok(never_in_body()),
            Some("/endless") => Ok(endless()),
            Some("/no-trailers") => Ok(no_trailers()),
            _ => Ok(status(404)),
        }
    }
}

fn text(text: &'static str) -> Response {
    let (mut writer, body) = wit_stream::new();
    spawn_local(async move {
        writer.write_all(text.as_bytes().to_vec()).await;
    });
    Response::new(Fields::new(), Some(body), wit_future::new(|| Ok(None)).1).0
}

fn status(status: u16) -> Response {
    let (response, _) = Response::new(Fields::new(), None, wit_future::new(|| Ok(None)).1);
    response.set_status_code(status).expect("a valid status");
    response
}

fn panic_in_body() -> Response {
    let (mut writer, body) = wit_stream::new();
    spawn_local(async move {
        writer.write_all(b"so far, so good\n".to_vec()).await;
        // The client shall have seen the line before the end comes.
        monotonic_clock::wait_for(SECOND / 4).await;
        panic!("asked to panic in the body");
    });
    Response::new(Fields::new(), Some(body), wit_future::new(|| Ok(None)).1).0
}

fn never_in_body() -> Response {
    let (mut writer, body) = wit_stream::new();
    spawn_local(async move {
        writer.write_all(b"more to come\n".to_vec()).await;
        pending::<()>().await;
    });
    Response::new(Fields::new(), Some(body), wit_future::new(|| Ok(None)).1).0
}

/// Writes until nobody reads any more, and says so.
fn endless() -> Response {
    let (mut writer, body) = wit_stream::new();
    spawn_local(async move {
        while writer.write_all(vec![b'.'; 16 * 1024]).await.is_empty() {}
        let (mut log, lines) = wit_stream::new();
        spawn_local(async move {
            let _ = compat_api::cli::stderr::write_via_stream(lines).await;
        });
        log.write_all(b"nobody reads any more\n".to_vec()).await;
    });
    Response::new(Fields::new(), Some(body), wit_future::new(|| Ok(None)).1).0
}

/// The body ends well, but the trailers are an error: the client must not take it for whole.
fn no_trailers() -> Response {
    let (mut writer, body) = wit_stream::new();
    let (result, trailers) = wit_future::new(|| Ok(None));
    spawn_local(async move {
        writer.write_all(b"cut off\n".to_vec()).await;
        drop(writer);
        let _ = result
            .write(Err(ErrorCode::InternalError(Some("cut off".into()))))
            .await;
    });
    Response::new(Fields::new(), Some(body), trailers).0
}
