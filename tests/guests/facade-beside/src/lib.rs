//! Code of WASI 0.3 and code on the facade meet: each line is what came of one way to convert.

use compat_api::clocks::monotonic_clock::wait_for;
use compat_api::clocks::system_clock::Instant;
use compat_api::exports::cli::run::Guest;
use compat_api::filesystem::preopens::get_directories;
use compat_api::filesystem::types::{DescriptorFlags, OpenFlags, PathFlags};
use compat_api::http::types as p3;
use compat_api::p2::cli::stdin::get_stdin;
use compat_api::p2::clocks::monotonic_clock::subscribe_duration;
use compat_api::p2::clocks::wall_clock::Datetime;
use compat_api::p2::filesystem::types::Descriptor;
use compat_api::p2::http::types::{
    Fields, IncomingRequest, IncomingResponse, Method, OutgoingRequest, OutgoingResponse,
    RequestOptions, Scheme,
};
use compat_api::p2::io::poll::{Pollable, poll};
use compat_api::p2::io::streams::{InputStream, OutputStream, StreamError};
use compat_api::wit_stream;

struct Program;

compat_api::cli::command::export!(Program);

impl Guest for Program {
    async fn run() -> Result<(), ()> {
        pollables().await;
        input().await;
        output().await;
        files().await;
        times();
        request();
        response();
        Ok(())
    }
}

async fn pollables() {
    let short = Pollable::from_future(wait_for(1_000_000));
    let long = subscribe_duration(60_000_000_000);
    println!(
        "a future among pollables: {:?}",
        poll(&[&long, &short]).await
    );
}

async fn all(stream: &InputStream) -> Result<String, StreamError> {
    let mut bytes = Vec::new();
    loop {
        match stream.blocking_read(5).await {
            Ok(more) => bytes.extend(more),
            Err(StreamError::Closed) => return Ok(String::from_utf8_lossy(&bytes).into_owned()),
            Err(error) => return Err(error),
        }
    }
}

async fn input() {
    let stdin = get_stdin();
    println!("of stdin: {:?}", stdin.blocking_read(6).await);
    // Something is read ahead.
    stdin.subscribe().block().await;
    let (stream, end) = stdin.into_stream();
    let rest = stream.collect().await;
    println!("the rest: {:?}, {:?}", String::from_utf8(rest), end.await);
    let (mut writer, reader) = wit_stream::new();
    let (read, left) = futures(all(&reader.into()), async move {
        writer.write_all(b"of a stream".to_vec()).await
    })
    .await;
    println!("of a stream: {read:?}, {left:?}");
}

/// Both at once.
async fn futures<A, B>(one: impl Future<Output = A>, other: impl Future<Output = B>) -> (A, B) {
    let (mut one, mut other) = (Box::pin(one), Box::pin(other));
    let (mut first, mut second) = (None, None);
    std::future::poll_fn(|cx| {
        use std::task::Poll;
        if first.is_none()
            && let Poll::Ready(output) = one.as_mut().poll(cx)
        {
            first = Some(output);
        }
        if second.is_none()
            && let Poll::Ready(output) = other.as_mut().poll(cx)
        {
            second = Some(output);
        }
        match (first.take(), second.take()) {
            (Some(first), Some(second)) => Poll::Ready((first, second)),
            (one, other) => {
                (first, second) = (one, other);
                Poll::Pending
            }
        }
    })
    .await
}

async fn output() {
    let (writer, reader) = wit_stream::new();
    let stream = OutputStream::from(writer);
    stream.write(b"to a stream").expect("it is open");
    // What was written arrives, though nobody has the stream any more.
    drop(stream);
    println!(
        "to a stream: {:?}",
        String::from_utf8(reader.collect().await)
    );
    let (writer, reader) = wit_stream::new::<u8>();
    let stream = OutputStream::from(writer);
    drop(reader);
    println!(
        "to nobody: {:?}",
        stream.blocking_write_and_flush(b"x").await
    );
}

async fn files() {
    let (folder, _) = get_directories().pop().expect("a folder");
    let flags = DescriptorFlags::READ | DescriptorFlags::WRITE;
    let opened = folder.open_at(
        PathFlags::empty(),
        "file".to_owned(),
        OpenFlags::CREATE,
        flags,
    );
    let file = Descriptor::from(opened.await.expect("a file"));
    file.write(b"of a file", 0).await.expect("it is written");
    let file = file.into_descriptor().expect("no stream writes to it");
    let (stream, end) = file.read_via_stream(3);
    println!(
        "of 0.3: {:?}",
        all(&InputStream::from_stream(stream, end)).await
    );
    let file = Descriptor::from(file);
    let stream = file.append_via_stream().expect("it can be written");
    println!(
        "while a stream writes to it: {}",
        file.into_descriptor().is_err()
    );
    drop(stream);
}

fn times() {
    let before = Datetime::from(Instant {
        seconds: -1,
        nanoseconds: 5,
    });
    println!("before 1970: {before:?}");
    let instant = Instant::from(Datetime {
        seconds: u64::MAX,
        nanoseconds: 5,
    });
    println!("the last second: {}", instant.seconds == i64::MAX);
}

fn request() {
    let options = RequestOptions::new();
    options
        .set_connect_timeout(Some(5_000_000_000))
        .expect("an option");
    let request = OutgoingRequest::new(p3::Fields::new().into());
    request.set_method(&Method::Put).expect("a method");
    request.set_scheme(Some(&Scheme::Https)).expect("a scheme");
    request
        .set_authority(Some("example.com"))
        .expect("an authority");
    request.set_path_with_query(Some("/a?b")).expect("a path");
    let request = request
        .into_request(Some(options.into()))
        .expect("a request");
    println!(
        "a request: {:?} {:?} {:?} {:?} {:?}",
        request.get_method(),
        request.get_scheme(),
        request.get_authority(),
        request.get_path_with_query(),
        request
            .get_options()
            .map(|options| options.get_connect_timeout()),
    );
    let request = IncomingRequest::from(request);
    println!(
        "that comes: {:?} {:?}",
        request.method(),
        request.path_with_query()
    );
    let request = request.into_request().expect("nobody took its body");
    println!("of 0.3 again: {:?}", request.get_method());
}

fn response() {
    let headers = Fields::from_list(&[("a".to_owned(), b"b".to_vec())]).expect("fields");
    let response = OutgoingResponse::new(headers);
    response.set_status_code(201).expect("a status");
    let body = response.body().expect("it is taken once");
    let response = response.into_response().expect("a response");
    println!("a response: {}", response.get_status_code());
    let response = IncomingResponse::from(response);
    println!(
        "that comes: {} {:?}",
        response.status(),
        response.headers().get("a")
    );
    // Natively a component cannot read its own trailers.
    let response = response.into_response().expect("nobody took its body");
    println!("of 0.3 again: {}", response.get_status_code());
    drop(body);
}
