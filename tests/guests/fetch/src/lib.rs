//! Sends a request to the address that is its argument, with a body and trailers, and prints what comes back. It also prints
//! what `wasi:http` says of headers, methods and the like.

use compat_api::cli::{environment, stdout};
use compat_api::exports::cli::run::Guest;
use compat_api::http::client;
use compat_api::http::types::{
    ErrorCode, Fields, Method, Request, RequestOptions, Response, Scheme,
};
use compat_api::wit_bindgen::spawn_local;
use compat_api::{wit_future, wit_stream};
use std::fmt::{Debug, Write};

struct Fetch;

compat_api::cli::command::export!(Fetch);

impl Guest for Fetch {
    async fn run() -> Result<(), ()> {
        let authority = environment::get_arguments().pop().ok_or(())?;
        let mut report = Report::default();
        rules(&mut report);
        if let Err(code) = exchange(&mut report, &authority).await {
            report.line("failed", code);
        }
        let refused = send("127.0.0.1:1", None)
            .await
            .map(|(response, _)| response);
        report.line(
            "where nobody listens",
            refused.map(|response| response.get_status_code()),
        );
        report.line("with trailers to come", open_trailers(&authority).await);
        let (mut out, text) = wit_stream::new();
        let written = stdout::write_via_stream(text);
        out.write_all(report.text.into_bytes()).await;
        drop(out);
        written.await.map_err(|_| ())
    }
}

/// What was found out.
#[derive(Default)]
struct Report {
    text: String,
}

impl Report {
    fn line(&mut self, what: &str, came_to: impl Debug) {
        writeln!(self.text, "{what}: {came_to:?}").expect("a string takes all");
    }
}

/// What needs nobody else.
fn rules(report: &mut Report) {
    let fields = Fields::new();
    report.line("append", fields.append("x-a", b"1"));
    report.line("append again", fields.append("X-A", b"2"));
    report.line("get", fields.get("x-A"));
    report.line("has", (fields.has("x-a"), fields.has("x-b")));
    report.line("a name that is none", fields.append("not a name", b"1"));
    report.line("a value that is none", fields.append("x-b", b"1\n2"));
    report.line("get and delete", fields.get_and_delete("x-a"));
    report.line("which is gone", fields.get("x-a"));
    report.line("set", fields.set("x-c", &[b"1".to_vec(), b"2".to_vec()]));
    report.line("all", fields.copy_all());
    report.line("delete", fields.delete("x-c"));
    let listed = Fields::from_list(&[("x-d".into(), b"1".to_vec())]);
    report.line("from a list", listed.map(|fields| fields.copy_all()));

    let headers = Fields::from_list(&[("x-e".into(), b"1".to_vec())]).expect("headers");
    let (_, trailers) = wit_future::new(|| Ok(None));
    let options = RequestOptions::new();
    report.line(
        "a timeout",
        options.set_connect_timeout(Some(5_000_000_000)),
    );
    let (request, _sent) = Request::new(headers, None, trailers, Some(options));
    let headers = request.get_headers();
    report.line("headers of a request", headers.copy_all());
    report.line("which can't be changed", headers.append("x-f", b"1"));
    let copy = headers.clone();
    report.line("a copy can", copy.append("x-f", b"1"));
    let options = request.get_options().expect("options");
    report.line("its timeout", options.get_connect_timeout());
    report.line("which can't be changed", options.set_connect_timeout(None));
    report.line("its method", request.get_method());
    report.line("another", request.set_method(&Method::Other("BREW".into())));
    report.line("which is there", request.get_method());
    report.line(
        "one that is none",
        request.set_method(&Method::Other("not one".into())),
    );
    report.line("its path", request.get_path_with_query());
    report.line("another", request.set_path_with_query(Some("/a?b=c")));
    report.line("which is there", request.get_path_with_query());
    report.line("its scheme", request.set_scheme(Some(&Scheme::Https)));
    report.line("which is there", request.get_scheme());
    report.line("its authority", request.set_authority(Some("a.test:80")));
    report.line("which is there", request.get_authority());

    let (_, trailers) = wit_future::new(|| Ok(None));
    let (response, _sent) = Response::new(Fields::new(), None, trailers);
    report.line("status of a response", response.get_status_code());
    report.line("another", response.set_status_code(404));
    report.line("which is there", response.get_status_code());
    report.line("one that is none", response.set_status_code(99));
}

/// The request is not over before its answer has begun.
async fn open_trailers(authority: &str) -> Result<u16, ErrorCode> {
    let (end, trailers) = wit_future::new(|| Ok(None));
    let (request, _sent) = Request::new(Fields::new(), None, trailers, None);
    request.set_scheme(Some(&Scheme::Http)).expect("a scheme");
    request
        .set_authority(Some(authority))
        .expect("an authority");
    request.set_path_with_query(Some("/early")).expect("a path");
    let response = client::send(request).await?;
    drop(end);
    Ok(response.get_status_code())
}

async fn send(
    authority: &str,
    body: Option<&'static [u8]>,
) -> Result<(Response, Option<Result<(), ErrorCode>>), ErrorCode> {
    let (end, trailers) = wit_future::new(|| Ok(None));
    let (contents, writer) = match body {
        None => {
            drop(end);
            (None, None)
        }
        Some(body) => {
            let (mut writer, contents) = wit_stream::new();
            let writer = spawn_local(async move {
                writer.write_all(body.to_vec()).await;
                drop(writer);
                let trailers = Fields::from_list(&[("x-sum".into(), b"42".to_vec())]);
                let _ = end.write(Ok(Some(trailers.expect("trailers")))).await;
            });
            (Some(contents), Some(writer))
        }
    };
    let headers = [
        ("te".to_owned(), b"trailers".to_vec()),
        ("trailer".to_owned(), b"x-sum".to_vec()),
    ];
    let headers = Fields::from_list(&headers).expect("headers");
    let (request, sent) = Request::new(headers, contents, trailers, None);
    request.set_method(&Method::Post).expect("a method");
    request.set_scheme(Some(&Scheme::Http)).expect("a scheme");
    request
        .set_authority(Some(authority))
        .expect("an authority");
    request
        .set_path_with_query(Some("/path?query"))
        .expect("a path");
    let response = client::send(request).await?;
    let sent = match writer {
        None => None,
        Some(writer) => {
            writer.await;
            Some(sent.await)
        }
    };
    Ok((response, sent))
}

async fn exchange(report: &mut Report, authority: &str) -> Result<(), ErrorCode> {
    let (response, sent) = send(authority, Some(b"a body")).await?;
    report.line("sent", sent);
    report.line("status", response.get_status_code());
    report.line("a header", response.get_headers().get("x-path"));
    let (_, result) = wit_future::new(|| Ok(()));
    let (body, trailers) = Response::consume_body(response, result);
    report.line("body", String::from_utf8_lossy(&body.collect().await));
    let trailers = trailers.await?;
    report.line("trailers", trailers.map(|trailers| trailers.get("x-sum")));
    Ok(())
}
