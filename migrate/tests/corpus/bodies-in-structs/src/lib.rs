//! A small HTTP client whose requests, responses and bodies are structs, and a handler that collects from several servers with it.

mod client;

use client::{Client, Reply};
use wasip2::exports::http::incoming_handler::Guest;
use wasip2::http::types as h;

struct Collector;

wasip2::http::proxy::export!(Collector);

impl Collector {
    fn collect(urls: &[&str]) -> Vec<Result<Reply, h::ErrorCode>> {
        let client = Client::default().timeout(2_000_000_000);
        let pending: Vec<_> = urls.iter().map(|url| client.begin(url)).collect();
        let mut replies = vec![];
        for one in pending {
            replies.push(match one {
                Ok(pending) => pending.finish(),
                Err(code) => Err(code),
            });
        }
        replies
    }

    fn answer(out: h::ResponseOutparam, lines: Vec<String>) -> Result<(), h::ErrorCode> {
        let response = h::OutgoingResponse::new(h::Fields::new());
        let body = response.body().map_err(|_| h::ErrorCode::InternalError(None))?;
        h::ResponseOutparam::set(out, Ok(response));
        let stream = body.write().unwrap();
        for line in lines {
            if stream.blocking_write_and_flush(line.as_bytes()).is_err() {
                break;
            }
        }
        drop(stream);
        h::OutgoingBody::finish(body, None)
    }
}

impl Guest for Collector {
    fn handle(request: h::IncomingRequest, out: h::ResponseOutparam) {
        let query = request.path_with_query().unwrap_or_default();
        let urls: Vec<&str> = query.split(['?', '&']).skip(1).collect();
        let lines = Self::collect(&urls)
            .into_iter()
            .zip(&urls)
            .map(|(reply, url)| match reply {
                Ok(reply) => format!("{url}: {} with {} bytes\n", reply.status, reply.body.len()),
                Err(code) => format!("{url}: {code:?}\n"),
            })
            .collect();
        if let Err(code) = Self::answer(out, lines) {
            eprintln!("{code}");
        }
    }
}
