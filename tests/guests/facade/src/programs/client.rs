//! HTTP requests.

use super::report::Report;
use crate::p2::clocks::monotonic_clock::subscribe_duration;
use crate::p2::http::outgoing_handler::handle;
use crate::p2::http::types::{
    ErrorCode, Fields, FutureIncomingResponse, HeaderError, IncomingBody, IncomingResponse, Method,
    OutgoingBody, OutgoingRequest, RequestOptions, Scheme,
};
use crate::p2::io::streams::StreamError;

waiting! {
    pub fn check(report: &mut Report, upstream: &str) {
        fields(report);
        requests(report);
        options(report);
        wait!(get(report, upstream));
        wait!(post(report, upstream));
        wait!(large(report, upstream));
        wait!(wrong_length(report, upstream));
        wait!(given_up(report, upstream));
        wait!(refused(report));
    }

    fn response(future: &FutureIncomingResponse) -> Result<IncomingResponse, ErrorCode> {
        loop {
            match future.get() {
                Some(result) => return result.expect("it is taken once"),
                None => wait!(future.subscribe().block()),
            }
        }
    }

    /// The body, and how it ends.
    fn contents(response: &IncomingResponse) -> (Vec<u8>, String) {
        let body = response.consume().expect("it is taken once");
        let stream = body.stream().expect("it is taken once");
        assert!(body.stream().is_err());
        let mut bytes = Vec::new();
        let end = loop {
            match wait!(stream.blocking_read(1000)) {
                Ok(more) => bytes.extend(more),
                Err(StreamError::Closed) => break "complete".to_owned(),
                Err(StreamError::LastOperationFailed(error)) => {
                    let code = crate::p2::http::types::http_error_code(&error);
                    break format!("failed, with a code: {}", code.is_some());
                }
            }
        };
        drop(stream);
        let trailers = IncomingBody::finish(body);
        wait!(trailers.subscribe().block());
        let found = trailers.get().expect("it is ready").expect("it is taken once");
        assert!(trailers.get().expect("it is ready").is_err());
        let found = match found {
            Ok(Some(fields)) => format!("{:?}", fields.get("x-after").first().map(|value| String::from_utf8_lossy(value).into_owned())),
            Ok(None) => "none".to_owned(),
            Err(_) => "failed".to_owned(),
        };
        (bytes, format!("{end}, trailers: {found}"))
    }

    fn get(report: &mut Report, upstream: &str) {
        let headers = Fields::from_list(&[("x-own".to_owned(), b"mine".to_vec())]).expect("fields");
        let request = OutgoingRequest::new(headers);
        to(&request, upstream, "/echo?a=b");
        let future = handle(request, Some(RequestOptions::new())).expect("it is sent");
        let answer = wait!(response(&future)).expect("a response");
        report.line("taken twice", future.get().map(|again| again.is_err()));
        report.line("status", answer.status());
        report.line("header", answer.headers().get("x-upstream"));
        report.line("not to be changed", answer.headers().set("a", &[b"b".to_vec()]).map_err(|error| matches!(error, HeaderError::Immutable)));
        let (bytes, end) = wait!(contents(&answer));
        report.line("body", String::from_utf8_lossy(&bytes));
        report.line("end", end);
        report.line("consumed twice", answer.consume().is_err());
        report.line("its headers are still there", answer.headers().get("x-upstream"));
    }

    fn post(report: &mut Report, upstream: &str) {
        let request = OutgoingRequest::new(Fields::new());
        to(&request, upstream, "/echo");
        request.set_method(&Method::Post).expect("a method");
        let body = request.body().expect("it is taken once");
        report.line("taken twice", request.body().is_err());
        let future = handle(request, None).expect("it is sent");
        let stream = body.write().expect("it is taken once");
        report.line("taken twice", body.write().is_err());
        for part in ["one, ", "two, ", "three"] {
            wait!(stream.blocking_write_and_flush(part.as_bytes())).expect("it is read");
        }
        drop(stream);
        let trailers = Fields::from_list(&[("x-after".to_owned(), b"words".to_vec())]).expect("fields");
        report.line("finished", OutgoingBody::finish(body, Some(trailers)).map_err(drop));
        let answer = wait!(response(&future)).expect("a response");
        let (bytes, end) = wait!(contents(&answer));
        report.line("body", String::from_utf8_lossy(&bytes));
        report.line("end", end);
    }

    /// Both bodies at once: what comes is sent on as it comes.
    fn large(report: &mut Report, upstream: &str) {
        let request = OutgoingRequest::new(Fields::new());
        to(&request, upstream, "/large");
        let source = wait!(response(&handle(request, None).expect("it is sent"))).expect("a response");
        let source_body = source.consume().expect("it is taken once");
        let input = source_body.stream().expect("it is taken once");
        let request = OutgoingRequest::new(Fields::new());
        to(&request, upstream, "/count");
        request.set_method(&Method::Put).expect("a method");
        let body = request.body().expect("it is taken once");
        let future = handle(request, None).expect("it is sent");
        let output = body.write().expect("it is taken once");
        let mut moved = 0;
        loop {
            match wait!(output.blocking_splice(&input, 50_000)) {
                Ok(count) => moved += count,
                Err(StreamError::Closed) => break,
                Err(error) => panic!("{error}"),
            }
        }
        wait!(output.blocking_flush()).expect("it is read");
        drop((input, output));
        OutgoingBody::finish(body, None).expect("it is complete");
        report.line("moved", moved);
        let answer = wait!(response(&future)).expect("a response");
        let (bytes, end) = wait!(contents(&answer));
        report.line("counted", String::from_utf8_lossy(&bytes));
        report.line("end", end);
    }

    fn wrong_length(report: &mut Report, upstream: &str) {
        let headers = Fields::from_list(&[("content-length".to_owned(), b"10".to_vec())]).expect("fields");
        let request = OutgoingRequest::new(headers);
        to(&request, upstream, "/echo");
        request.set_method(&Method::Post).expect("a method");
        let body = request.body().expect("it is taken once");
        let _future = handle(request, None).expect("it is sent");
        let stream = body.write().expect("it is taken once");
        wait!(stream.blocking_write_and_flush(b"short")).expect("it is read");
        drop(stream);
        report.line("too short", OutgoingBody::finish(body, None));
    }

    fn given_up(report: &mut Report, upstream: &str) {
        let request = OutgoingRequest::new(Fields::new());
        to(&request, upstream, "/never");
        let future = handle(request, None).expect("it is sent");
        let (ready, late) = (future.subscribe(), subscribe_duration(50_000_000));
        report.line("the time is over", wait!(crate::p2::io::poll::poll(&[&ready, &late])));
        report.line("no response", future.get().is_none());
        drop(ready);
    }

    fn refused(report: &mut Report) {
        let request = OutgoingRequest::new(Fields::new());
        to(&request, "127.0.0.1:1", "/");
        let refused = match handle(request, None) {
            Err(code) => code,
            Ok(future) => wait!(response(&future)).expect_err("nobody is there"),
        };
        report.line("refused", matches!(refused, ErrorCode::ConnectionRefused));
    }
}

fn to(request: &OutgoingRequest, authority: &str, path: &str) {
    request.set_scheme(Some(&Scheme::Http)).expect("a scheme");
    request
        .set_authority(Some(authority))
        .expect("an authority");
    request.set_path_with_query(Some(path)).expect("a path");
}

fn text(error: HeaderError) -> String {
    format!("{error}")
}

fn fields(report: &mut Report) {
    let fields = Fields::new();
    report.line("append", fields.append("a", b"one").map_err(text));
    report.line("again", fields.append("A", b"two").map_err(text));
    report.line("get", fields.get("a"));
    report.line("has", (fields.has("A"), fields.has("b")));
    report.line(
        "set",
        fields
            .set("b", &[b"three".to_vec(), b"four".to_vec()])
            .map_err(text),
    );
    let mut entries = fields.entries();
    entries.sort();
    report.line("entries", entries.len());
    let copy = fields.clone();
    report.line("delete", copy.delete("a").map_err(text));
    report.line("of the copy only", (copy.has("a"), fields.has("a")));
    report.line("no name", fields.append("a b", b"x").map_err(text));
    report.line("no value", fields.append("a", b"x\ny").map_err(text));
    report.line(
        "not allowed",
        fields.append("transfer-encoding", b"x").map_err(text),
    );
    report.line(
        "from a list",
        Fields::from_list(&[("c d".to_owned(), vec![])])
            .map(drop)
            .map_err(text),
    );
}

fn requests(report: &mut Report) {
    let headers = Fields::from_list(&[("a".to_owned(), b"b".to_vec())]).expect("fields");
    let request = OutgoingRequest::new(headers);
    report.line("headers", request.headers().entries());
    report.line(
        "not to be changed",
        request.headers().delete("a").map_err(text),
    );
    report.line("method", request.method());
    report.line(
        "set it",
        request.set_method(&Method::Other("BREW".to_owned())),
    );
    report.line("method", request.method());
    report.line(
        "no method",
        request.set_method(&Method::Other("A B".to_owned())),
    );
    report.line("path", request.path_with_query());
    report.line("set it", request.set_path_with_query(Some("/a?b")));
    report.line("path", request.path_with_query());
    report.line("no path", request.set_path_with_query(Some("/ \n")));
    report.line("scheme", request.scheme());
    report.line(
        "set it",
        request.set_scheme(Some(&Scheme::Other("ipp".to_owned()))),
    );
    report.line("scheme", request.scheme());
    report.line(
        "no scheme",
        request.set_scheme(Some(&Scheme::Other("a b".to_owned()))),
    );
    report.line("authority", request.authority());
    report.line("set it", request.set_authority(Some("example.com:80")));
    report.line("authority", request.authority());
    report.line("no authority", request.set_authority(Some("a b")));
    report.line("remove it", request.set_authority(None));
    report.line("authority", request.authority());
}

fn options(report: &mut Report) {
    let options = RequestOptions::new();
    report.line(
        "limits",
        (
            options.connect_timeout(),
            options.first_byte_timeout(),
            options.between_bytes_timeout(),
        ),
    );
    report.line(
        "set them",
        (
            options.set_connect_timeout(Some(1_000_000_000)),
            options.set_first_byte_timeout(Some(2_000_000_000)),
            options.set_between_bytes_timeout(Some(3_000_000_000)),
        ),
    );
    report.line(
        "limits",
        (
            options.connect_timeout(),
            options.first_byte_timeout(),
            options.between_bytes_timeout(),
        ),
    );
    report.line("remove one", options.set_connect_timeout(None));
    report.line("limit", options.connect_timeout());
}
