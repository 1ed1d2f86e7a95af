//! A handler that tells what it was asked, answers what it is told to, and sends requests: one path for each duty of HTTP that a
//! server or a client has, with parameters in the query.

use compat_api::clocks::monotonic_clock;
use compat_api::exports::http::handler::Guest;
use compat_api::http::client;
use compat_api::http::types::{ErrorCode, Fields, Method, Request, Response, Scheme};
use compat_api::{spawn_local, wit_future, wit_stream};
use std::future::pending;

struct Duties;

compat_api::http::service::export!(Duties);

const MILLISECOND: u64 = 1_000_000;

/// The parameters in the query.
struct Query(String);

impl Query {
    fn text(&self, name: &str) -> Option<&str> {
        let mut pairs = self.0.split('&');
        pairs.find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
    }

    fn number(&self, name: &str) -> u64 {
        let number = self.text(name).and_then(|text| text.parse().ok());
        number.unwrap_or_default()
    }
}

impl Guest for Duties {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        let target = request.get_path_with_query().unwrap_or_default();
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        let query = Query(query.to_owned());
        match path {
            "/slow" => {
                monotonic_clock::wait_for(query.number("ms") * MILLISECOND).await;
                Ok(text("slow".to_owned()))
            }
            "/never" => pending().await,
            "/bytes" => Ok(bytes(query.number("n"))),
            "/drip" => Ok(drip(query.number("ms"))),
            "/status" => Ok(status(query.number("code") as u16)),
            "/read" => Ok(text(read(request).await)),
            "/send" => Ok(text(send(&query).await)),
            "/unsent" => Ok(text(unsent().await)),
            _ => Ok(text(describe(&request))),
        }
    }
}

fn respond(body: Option<compat_api::wit_bindgen::StreamReader<u8>>) -> Response {
    let (_, trailers) = wit_future::new(|| Ok(None));
    Response::new(Fields::new(), body, trailers).0
}

fn text(text: String) -> Response {
    let (mut writer, body) = wit_stream::new();
    spawn_local(async move {
        writer.write_all(text.into_bytes()).await;
    });
    respond(Some(body))
}

/// Writes `n` bytes.
fn bytes(n: u64) -> Response {
    let (mut writer, body) = wit_stream::new();
    spawn_local(async move {
        let mut left = n as usize;
        while left > 0 {
            let piece = left.min(16 * 1024);
            if !writer.write_all(vec![b'.'; piece]).await.is_empty() {
                return;
            }
            left -= piece;
        }
    });
    respond(Some(body))
}

/// Writes a line, and another one a while later.
fn drip(milliseconds: u64) -> Response {
    let (mut writer, body) = wit_stream::new();
    spawn_local(async move {
        writer.write_all(b"first\n".to_vec()).await;
        monotonic_clock::wait_for(milliseconds * MILLISECOND).await;
        writer.write_all(b"last\n".to_vec()).await;
    });
    respond(Some(body))
}

fn status(code: u16) -> Response {
    let response = text(format!("status {code}"));
    match response.set_status_code(code) {
        Ok(()) => response,
        Err(()) => {
            let response = text(format!("status {code} is refused"));
            response.set_status_code(500).expect("a status");
            response
        }
    }
}

/// Reads the request's body: its length, and how it ended.
async fn read(request: Request) -> String {
    let (_, done) = wit_future::new(|| Ok(()));
    let (body, trailers) = Request::consume_body(request, done);
    let length = body.collect().await.len();
    let end = trailers.await.map(|trailers| trailers.is_some());
    format!("{length} bytes, {end:?}")
}

/// What a handler sees of a request.
fn describe(request: &Request) -> String {
    let mut fields = request.get_headers().copy_all();
    fields.sort();
    let fields: Vec<_> = fields
        .iter()
        .map(|(name, value)| format!("{name}: {}\n", String::from_utf8_lossy(value)))
        .collect();
    format!(
        "{:?} {:?} {:?} {:?}\n{}",
        request.get_method(),
        request.get_scheme(),
        request.get_authority(),
        request.get_path_with_query(),
        fields.concat()
    )
}

/// A request to `to`: with `length` as its `content-length` and `bytes` in its body, if there are any. What came of it, of its
/// body, and what the future of its transmission says. `end=never`: the body isn't over before the request has failed.
async fn send(query: &Query) -> String {
    let fields = Fields::new();
    if let Some(length) = query.text("length") {
        let set = fields.append("content-length", length.as_bytes());
        set.expect("a valid length");
    }
    let (mut writer, contents) = wit_stream::new();
    let bytes = query.text("bytes").map(|_| query.number("bytes") as usize);
    let (_, trailers) = wit_future::new(|| Ok(None));
    let contents = bytes.is_some().then_some(contents);
    let (request, sent) = Request::new(fields, contents, trailers, None);
    let _ = request.set_scheme(Some(&Scheme::Http));
    let _ = request.set_authority(query.text("to"));
    if let Some(path) = query.text("path") {
        let _ = request.set_path_with_query(Some(path));
    }
    let method = match query.text("method") {
        Some("CONNECT") => Method::Connect,
        Some("OPTIONS") => Method::Options,
        Some("HEAD") => Method::Head,
        _ if bytes.is_some() => Method::Post,
        _ => Method::Get,
    };
    request.set_method(&method).expect("a method");
    let never = query.text("end") == Some("never");
    let write = async {
        let bytes = bytes?;
        let left = writer.write_all(vec![b'.'; bytes]).await.len();
        if never {
            std::mem::forget(writer);
        }
        Some(left)
    };
    let (answer, left) = both(client::send(request), write).await;
    let answer = match answer {
        Ok(response) => {
            let status = response.get_status_code();
            let (_, done) = wit_future::new(|| Ok(()));
            let (body, trailers) = Response::consume_body(response, done);
            let body = body.collect().await;
            let end = trailers.await.map(|_| ());
            format!("{status} {:?} {end:?}", String::from_utf8_lossy(&body))
        }
        Err(code) => format!("{code:?}"),
    };
    format!("answer {answer}\nleft {left:?}\nsent {:?}\n", sent.await)
}

/// A request that is dropped instead of being sent.
async fn unsent() -> String {
    let (_, trailers) = wit_future::new(|| Ok(None));
    let (request, sent) = Request::new(Fields::new(), None, trailers, None);
    drop(request);
    format!("sent {:?}\n", sent.await.is_ok())
}

/// Both, at the same time.
async fn both<A, B>(a: impl Future<Output = A>, b: impl Future<Output = B>) -> (A, B) {
    let (mut a, mut b) = (std::pin::pin!(a), std::pin::pin!(b));
    let (mut of_a, mut of_b) = (None, None);
    std::future::poll_fn(move |cx| {
        use std::task::Poll;
        if of_a.is_none()
            && let Poll::Ready(value) = a.as_mut().poll(cx)
        {
            of_a = Some(value);
        }
        if of_b.is_none()
            && let Poll::Ready(value) = b.as_mut().poll(cx)
        {
            of_b = Some(value);
        }
        if of_a.is_some() && of_b.is_some() {
            Poll::Ready((of_a.take().expect("it"), of_b.take().expect("it")))
        } else {
            Poll::Pending
        }
    })
    .await
}
