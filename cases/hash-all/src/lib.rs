//! Fetches every URL named in a header `url`, at most 16 at a time, hashes each body as it
//! arrives, and streams back a line for each as soon as it is done: `URL: HASH`, or `URL: error: …`.

mod url;

use compat_api::exports::http::handler::Guest;
use compat_api::http::client;
use compat_api::http::types::{ErrorCode, Fields, Request, Response};
use compat_api::wit_bindgen::StreamResult;
use compat_api::{spawn_local, wit_future, wit_stream};
use futures::future::{pending, select};
use futures::stream::{self, StreamExt};
use sha2::{Digest, Sha256};
use std::pin::pin;

const AT_ONCE: usize = 16;

struct HashAll;

compat_api::http::service::export!(HashAll);

impl Guest for HashAll {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        let urls = request.get_headers().get("url");
        let (mut lines, body) = wit_stream::new();
        let headers = Fields::from_list(&[("content-type".into(), b"text/plain".into())])
            .expect("a valid header");
        let (response, sent) = Response::new(headers, Some(body), wit_future::new(|| Ok(None)).1);

        let hashing = async move {
            let mut done = stream::iter(urls).map(line).buffer_unordered(AT_ONCE);
            while let Some(line) = done.next().await {
                lines.write_all(line.into_bytes()).await;
            }
        };
        // Goes on after the response's start has been returned, as long as there is a client.
        let gone = async move {
            if sent.await.is_ok() {
                pending().await
            }
        };
        spawn_local(async move {
            select(pin!(hashing), pin!(gone)).await;
        });
        Ok(response)
    }
}

async fn line(url: Vec<u8>) -> String {
    let url = String::from_utf8_lossy(&url);
    match hash(&url).await {
        Ok(hash) => format!("{url}: {hash}\n"),
        Err(error) => format!("{url}: error: {error:?}\n"),
    }
}

async fn hash(url: &str) -> Result<String, ErrorCode> {
    let response = client::send(url::get(url).ok_or(ErrorCode::HttpRequestUriInvalid)?).await?;
    let (mut body, trailers) = Response::consume_body(response, wit_future::new(|| Ok(())).1);
    let mut hash = Sha256::new();
    let mut chunk = Vec::with_capacity(64 * 1024);
    loop {
        let result;
        (result, chunk) = body.read(chunk).await;
        hash.update(&chunk);
        chunk.clear();
        if result == StreamResult::Dropped {
            break;
        }
    }
    // Only now is it known whether the body was whole.
    trailers.await?;
    Ok(hash
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect())
}
