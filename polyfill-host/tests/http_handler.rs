//! Requests to guests of the split ABI through the library's API, without a server.

mod support;

use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_body::{Body as _, Frame};
use http_body_util::{BodyExt, Empty, Full, StreamBody};
use polyfill_host::http::{Body, HandleError, Handler, HandlerInstance};
use support::*;
use wasmtime_wasi_http::Error;
use wasmtime_wasi_http::p3::bindings::http::types::ErrorCode;

async fn instantiate(wat: &str) -> HandlerInstance<State> {
    let engine = engine();
    let resolve = split_worlds("service");
    let component = component(&engine, &resolve, "service", wat);
    let handler = Handler::new(link(linker(&engine), &component).unwrap()).unwrap();
    handler.instantiate(store(&engine)).await.unwrap()
}

async fn echo() -> HandlerInstance<State> {
    instantiate(include_str!("guests/echo.wat")).await
}

async fn hello() -> HandlerInstance<State> {
    instantiate(include_str!("guests/hello.wat")).await
}

async fn handles(instance: &HandlerInstance<State>) -> usize {
    instance
        .instance()
        .with(|state| state.split.handles())
        .await
        .unwrap()
}

/// Waits until nothing is left of the requests.
async fn settle(instance: &HandlerInstance<State>) {
    let settled = async {
        while handles(instance).await > 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    if tokio::time::timeout(Duration::from_secs(5), settled)
        .await
        .is_err()
    {
        panic!("{} handles stay behind", handles(instance).await);
    }
}

fn get(path: &str) -> Request<Empty<Bytes>> {
    Request::get(path).body(Empty::new()).unwrap()
}

async fn text(response: Response<Body>) -> (String, Option<HeaderMap>) {
    let collected = response.into_body().collect().await.unwrap();
    let trailers = collected.trailers().cloned();
    (
        String::from_utf8(collected.to_bytes().to_vec()).unwrap(),
        trailers,
    )
}

/// Frames that come one after the other.
fn frames<const N: usize>(
    frames: [Frame<Bytes>; N],
) -> impl http_body::Body<Data = Bytes, Error = Error> + Send + 'static {
    StreamBody::new(futures::stream::iter(frames.map(Ok)))
}

#[tokio::test]
async fn headers_body_and_trailers_pass() {
    let echo = echo().await;
    let mut trailers = HeaderMap::new();
    trailers.insert("x-sum", HeaderValue::from_static("7"));
    trailers.insert("connection", HeaderValue::from_static("close"));
    let body = frames([
        Frame::data(Bytes::from_static(b"one ")),
        Frame::data(Bytes::from_static(b"two")),
        Frame::trailers(trailers),
    ]);
    let request = Request::post("/")
        .header("x-a", "b")
        .header("host", "example.com")
        .body(body)
        .unwrap();
    let response = echo.handle(request).await.unwrap();
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(response.headers()["x-a"], "b");
    assert!(
        !response.headers().contains_key("host"),
        "the host's own header"
    );
    let (text, trailers) = text(response).await;
    assert_eq!(text, "one two");
    let trailers = trailers.unwrap();
    assert_eq!(trailers["x-sum"], "7");
    assert!(
        !trailers.contains_key("connection"),
        "the connection's own header"
    );
    settle(&echo).await;
}

#[tokio::test]
async fn an_error_in_a_request_reaches_the_response() {
    let echo = echo().await;
    let body = StreamBody::new(futures::stream::iter([
        Ok(Frame::data(Bytes::from_static(b"one"))),
        Err(Error::ConnectionReadTimeout),
    ]));
    let response = echo
        .handle(Request::post("/").body(body).unwrap())
        .await
        .unwrap();
    let error = response.into_body().collect().await.unwrap_err();
    assert!(matches!(error, Error::ConnectionReadTimeout), "{error:?}");
    settle(&echo).await;
}

#[tokio::test]
async fn a_body_that_breaks_its_content_length_fails() {
    let echo = echo().await;
    for (length, sent) in [(2, 4), (6, 4)] {
        let request = Request::post("/")
            .header("content-length", length)
            .body(frames([Frame::data(Bytes::from_static(b"four"))]))
            .unwrap();
        let response = echo.handle(request).await.unwrap();
        assert_eq!(response.body().size_hint().exact(), Some(length));
        let error = response.into_body().collect().await.unwrap_err();
        assert!(
            matches!(error, Error::HttpResponseBodySize(Some(size)) if size == sent),
            "{error:?}"
        );
    }
    settle(&echo).await;
}

#[tokio::test]
async fn an_error_code_is_handed_on() {
    let echo = echo().await;
    let error = echo.handle(get("/refuse")).await.unwrap_err();
    assert!(
        matches!(error, HandleError::Code(ErrorCode::HttpRequestDenied)),
        "{error}"
    );
    assert_eq!(handles(&echo).await, 0);
}

#[tokio::test]
async fn a_trap_ends_all_requests_of_the_instance() {
    let echo = echo().await;
    let (never, trap) = futures::join!(echo.handle(get("/never")), echo.handle(get("/trap")));
    for error in [
        never.unwrap_err(),
        trap.unwrap_err(),
        echo.handle(get("/")).await.unwrap_err(),
    ] {
        assert!(matches!(error, HandleError::Died(_)), "{error}");
    }
}

#[tokio::test]
async fn a_request_that_is_given_up_is_cancelled() {
    let echo = echo().await;
    for _ in 0..3 {
        let waiting = tokio::time::timeout(Duration::from_millis(10), echo.handle(get("/never")));
        assert!(waiting.await.is_err());
    }
    settle(&echo).await;
}

#[tokio::test]
async fn a_body_that_is_there_at_once_has_an_exact_length_unless_trailers_follow() {
    let hello = hello().await;
    let response = hello.handle(get("/")).await.unwrap();
    assert_eq!(response.body().size_hint().exact(), None);
    let (text, trailers) = text(response).await;
    assert_eq!(text, "hello");
    assert_eq!(trailers.unwrap()["x-kind"], "hello");
    settle(&hello).await;
}

#[tokio::test]
async fn a_guest_is_held_back_by_a_client_that_does_not_read() {
    let hello = hello().await;
    let times = 60_000;
    let request = Request::get("/")
        .header("x-times", "x".repeat(times))
        .body(Empty::new())
        .unwrap();
    let response = hello.handle(request).await.unwrap();
    tokio::time::sleep(Duration::from_millis(20)).await;
    assert_ne!(handles(&hello).await, 0, "the guest waits");
    let (text, _) = text(response).await;
    assert_eq!(text, "hello".repeat(times));
    settle(&hello).await;
}

#[tokio::test]
async fn a_client_that_goes_away_leaves_nothing() {
    let hello = hello().await;
    for _ in 0..10 {
        let request = Request::get("/")
            .header("x-times", "x".repeat(60_000))
            .body(Empty::new())
            .unwrap();
        let mut response = hello.handle(request).await.unwrap();
        assert!(
            response
                .body_mut()
                .frame()
                .await
                .unwrap()
                .unwrap()
                .is_data()
        );
        drop(response);
        settle(&hello).await;
    }
}

#[tokio::test]
async fn nothing_stays_behind_after_many_requests() {
    let echo = echo().await;
    for i in 0..1000 {
        let body = Full::new(Bytes::from(format!("body {i}")));
        let response = echo
            .handle(Request::post("/").body(body).unwrap())
            .await
            .unwrap();
        assert_eq!(text(response).await.0, format!("body {i}"));
    }
    settle(&echo).await;
}

#[tokio::test]
async fn the_instance_lives_as_long_as_a_body_that_it_writes() {
    let hello = hello().await;
    let request = Request::get("/")
        .header("x-times", "x".repeat(60_000))
        .body(Empty::new())
        .unwrap();
    let response = hello.handle(request).await.unwrap();
    drop(hello);
    assert_eq!(text(response).await.0.len(), 300_000);
}
