//! Fetches a page with a request of its own: `wasi` 0.14, an outgoing request, the body read by hand.

use wasi::http::outgoing_handler;
use wasi::http::types::{ErrorCode, Fields, IncomingBody, IncomingResponse, Method, OutgoingRequest, Scheme};
use wasi::io::streams::StreamError;

struct Client;

wasi::cli::command::export!(Client);

impl wasi::exports::cli::run::Guest for Client {
    fn run() -> Result<(), ()> {
        match fetch("example.com", "/") {
            Ok((status, body)) => {
                println!("{status}: {} bytes", body.len());
                Ok(())
            }
            Err(error) => {
                eprintln!("failed: {error:?}");
                Err(())
            }
        }
    }
}

fn fetch(authority: &str, path: &str) -> Result<(u16, Vec<u8>), ErrorCode> {
    let headers = Fields::new();
    headers.append("user-agent", b"client/1.0").unwrap();
    let request = OutgoingRequest::new(headers);
    request.set_method(&Method::Get).unwrap();
    request.set_scheme(Some(&Scheme::Https)).unwrap();
    request.set_authority(Some(authority)).unwrap();
    request.set_path_with_query(Some(path)).unwrap();

    let future_response = outgoing_handler::handle(request, None)?;
    let incoming_response = match future_response.get() {
        Some(result) => result.map_err(|_| ErrorCode::InternalError(None))?,
        None => {
            let pollable = future_response.subscribe();
            pollable.block();
            future_response.get().expect("it is ready").map_err(|_| ErrorCode::InternalError(None))?
        }
    }?;
    drop(future_response);

    let status = incoming_response.status();
    let body = read_body(incoming_response);
    Ok((status, body))
}

fn read_body(response: IncomingResponse) -> Vec<u8> {
    let body = response.consume().unwrap();
    let stream = body.stream().unwrap();
    let mut bytes = Vec::new();
    loop {
        match stream.blocking_read(64 * 1024) {
            Ok(chunk) => bytes.extend(chunk),
            Err(StreamError::Closed) => break,
            Err(error) => {
                eprintln!("{error:?}");
                break;
            }
        }
    }
    drop(stream);
    let _trailers = IncomingBody::finish(body);
    bytes
}
