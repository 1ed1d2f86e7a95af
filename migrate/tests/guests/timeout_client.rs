//! Posts a report with timeouts, on `wasip2`, and says what came back.

use wasip2::cli::environment;
use wasip2::http::outgoing_handler;
use wasip2::http::types::{ErrorCode, Fields, IncomingBody, Method, OutgoingBody, OutgoingRequest, RequestOptions, Scheme};

const SECOND: u64 = 1_000_000_000;

struct Post;

wasip2::cli::command::export!(Post);

impl wasip2::exports::cli::run::Guest for Post {
    fn run() -> Result<(), ()> {
        let text = environment::get_arguments().join(" ");
        match post("reports.internal", &text) {
            Ok(answer) => println!("{answer}"),
            Err(ErrorCode::ConnectionTimeout) => eprintln!("too slow"),
            Err(error) => eprintln!("{error:?}"),
        }
        Ok(())
    }
}

fn post(to: &str, text: &str) -> Result<String, ErrorCode> {
    let options = RequestOptions::new();
    options.set_connect_timeout(Some(2 * SECOND)).unwrap();
    options.set_first_byte_timeout(Some(5 * SECOND)).unwrap();

    let headers = Fields::from_list(&[("content-type".into(), b"text/plain".to_vec())]).unwrap();
    let request = OutgoingRequest::new(headers);
    request.set_method(&Method::Post).unwrap();
    request.set_scheme(Some(&Scheme::Http)).unwrap();
    request.set_authority(Some(to)).unwrap();
    request.set_path_with_query(Some("/report")).unwrap();

    let outgoing = request.body().unwrap();
    let future = outgoing_handler::handle(request, Some(options))?;
    {
        let stream = outgoing.write().unwrap();
        stream.blocking_write_and_flush(text.as_bytes()).unwrap();
    }
    OutgoingBody::finish(outgoing, None)?;

    let pollable = future.subscribe();
    pollable.block();
    let response = future.get().unwrap().unwrap()?;
    let status = response.status();
    let incoming = response.consume().unwrap();
    let stream = incoming.stream().unwrap();
    let mut bytes = Vec::new();
    while let Ok(chunk) = stream.blocking_read(4096) {
        bytes.extend_from_slice(&chunk);
    }
    drop(stream);
    let _ = IncomingBody::finish(incoming);
    Ok(format!("{status}: {}", String::from_utf8_lossy(&bytes)))
}
