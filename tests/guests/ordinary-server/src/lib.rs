//! A server that uses `std` as any program does: it prints, measures time, and reads its environment and a file.

use compat_api::http::types::{ErrorCode, Request, Response};
use compat_api::http_compat::{http_from_wasi_request, http_into_wasi_response};
use std::time::Instant;
use std::{env, fs};

struct Server;

compat_api::http::service::export!(Server);

impl compat_api::exports::http::handler::Guest for Server {
    async fn handle(request: Request) -> Result<Response, ErrorCode> {
        let begin = Instant::now();
        let request = http_from_wasi_request(request)?;
        let path = request.uri().path();
        println!("asked for {path}");
        eprintln!("asked for {path}, on stderr");
        let flavour = env::var("FLAVOUR").unwrap_or_else(|error| error.to_string());
        let file = fs::read_to_string("data/in").unwrap_or_else(|error| error.to_string());
        let text = format!("{flavour}, {file}, {}\n", begin.elapsed().as_secs());
        http_into_wasi_response(http::Response::new(text))
    }
}
