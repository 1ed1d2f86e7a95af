//! A WASI 0.2 component, one path for each thing that it can do right or wrong.

use std::sync::atomic::{AtomicU32, Ordering};
use wasip2::cli::{environment, stderr, stdout};
use wasip2::clocks::monotonic_clock;
use wasip2::exports::http::incoming_handler::Guest;
use wasip2::filesystem::preopens;
use wasip2::filesystem::types::{DescriptorFlags, OpenFlags, PathFlags};
use wasip2::http::types::{
    Fields, IncomingBody, IncomingRequest, OutgoingBody, OutgoingResponse, ResponseOutparam,
};
use wasip2::io::streams::{OutputStream, StreamError};

struct Plain;

wasip2::http::proxy::export!(Plain);

impl Guest for Plain {
    fn handle(request: IncomingRequest, out: ResponseOutparam) {
        let path = request.path_with_query().unwrap_or_default();
        match path.as_str() {
            "/" => respond(out, |_| "hello".to_owned()),
            "/number" => {
                // How many requests this instance has had.
                static REQUESTS: AtomicU32 = AtomicU32::new(0);
                let number = REQUESTS.fetch_add(1, Ordering::Relaxed);
                respond(out, |_| number.to_string());
            }
            "/echo" => echo(&request, out),
            "/print" => {
                print(
                    &stdout::get_stdout(),
                    "one line\nand the beginning of another",
                );
                print(&stderr::get_stderr(), "a complaint\n");
                respond(out, |_| "printed".to_owned());
            }
            "/environment" => respond(out, |_| format!("{:?}", environment::get_environment())),
            "/files" => respond(out, |_| files()),
            "/authority" => respond(out, |_| request.authority().unwrap_or_default()),
            "/slow" => {
                monotonic_clock::subscribe_duration(250_000_000).block();
                respond(out, |_| "slow".to_owned());
            }
            "/never" => monotonic_clock::subscribe_duration(u64::MAX / 2).block(),
            "/spin" => loop {
                std::hint::spin_loop();
            },
            "/trap" => {
                print(&stderr::get_stderr(), "about to trap\n");
                std::process::abort();
            }
            "/trap-in-body" => respond(out, |stream| {
                write(stream, b"so far, so good\n").expect("the client is there");
                monotonic_clock::subscribe_duration(250_000_000).block();
                std::process::abort();
            }),
            "/endless" => respond(out, |stream| {
                while write(stream, &[b'.'; 4096]).is_ok() {}
                print(&stderr::get_stderr(), "nobody reads any more\n");
                String::new()
            }),
            "/no-response" => {}
            _ => ResponseOutparam::set(out, Ok(OutgoingResponse::new(Fields::new()))),
        }
    }
}

/// Answers 200 with what `body` writes and then returns.
fn respond(out: ResponseOutparam, body: impl FnOnce(&OutputStream) -> String) {
    let response = OutgoingResponse::new(Fields::new());
    let outgoing = response.body().expect("asked for once");
    ResponseOutparam::set(out, Ok(response));
    let stream = outgoing.write().expect("asked for once");
    let rest = body(&stream);
    // If the client has gone there is nothing left to do.
    if write(&stream, rest.as_bytes()).is_ok() {
        drop(stream);
        let _ = OutgoingBody::finish(outgoing, None);
    }
}

fn echo(request: &IncomingRequest, out: ResponseOutparam) {
    let response = OutgoingResponse::new(Fields::new());
    let outgoing = response.body().expect("asked for once");
    ResponseOutparam::set(out, Ok(response));
    let incoming = request.consume().expect("asked for once");
    let from = incoming.stream().expect("asked for once");
    let to = outgoing.write().expect("asked for once");
    while let Ok(bytes) = from.blocking_read(64 * 1024) {
        if write(&to, &bytes).is_err() {
            return;
        }
    }
    drop((from, to));
    let trailers = IncomingBody::finish(incoming);
    trailers.subscribe().block();
    let trailers = trailers.get().and_then(Result::ok).and_then(Result::ok);
    let trailers = trailers.flatten().map(|fields| fields.clone());
    let _ = OutgoingBody::finish(outgoing, trailers);
}

fn write(stream: &OutputStream, bytes: &[u8]) -> Result<(), StreamError> {
    for piece in bytes.chunks(4096) {
        stream.blocking_write_and_flush(piece)?;
    }
    Ok(())
}

fn print(stream: &OutputStream, text: &str) {
    write(stream, text.as_bytes()).expect("it can be written to");
}

/// The directories, what `file` in each says, and whether a file can be made there.
fn files() -> String {
    let mut text = String::new();
    for (directory, name) in preopens::get_directories() {
        let file = directory.open_at(
            PathFlags::empty(),
            "file",
            OpenFlags::empty(),
            DescriptorFlags::READ,
        );
        let (bytes, _) = file.and_then(|file| file.read(100, 0)).unwrap_or_default();
        let made = directory.open_at(
            PathFlags::empty(),
            "made",
            OpenFlags::CREATE,
            DescriptorFlags::WRITE,
        );
        text += &format!(
            "{name}: {}, writable: {}\n",
            String::from_utf8_lossy(&bytes).trim_end(),
            made.is_ok()
        );
    }
    text
}
