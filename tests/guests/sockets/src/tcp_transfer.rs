//! TCP: what goes over a connection, and how it ends.

use super::Report;
use super::address::loopback;
use super::tcp::{create, listen};
use compat_api::sockets::types::TcpSocket;
use compat_api::wit_bindgen::{StreamResult, spawn_local};
use compat_api::wit_stream;
use std::pin::pin;
use std::task::{Context, Waker};

pub async fn check(report: &mut Report) {
    both_ways(report).await;
    a_lot(report).await;
    once_each(report).await;
    given_up(report).await;
}

/// Both ends of a connection.
async fn pair() -> (TcpSocket, TcpSocket) {
    let (_listener, port, mut accepted) = listen();
    let client = create();
    client.connect(loopback(port)).await.expect("a connection");
    (client, accepted.next().await.expect("a connection"))
}

async fn both_ways(report: &mut Report) {
    let (client, server) = pair().await;
    let (mut data, reader) = wit_stream::new();
    let sent = client.send(reader);
    data.write_all(b"ping".to_vec()).await;
    let (mut received, ended) = server.receive();
    let (result, bytes) = received.read(Vec::with_capacity(100)).await;
    report.line("what was sent arrives", (result, bytes));

    // Half of the connection ends; the other goes on.
    drop(data);
    report.line("all was sent", sent.await);
    let (result, bytes) = received.read(Vec::with_capacity(100)).await;
    report.line("the other end sees that it was all", (result, bytes));
    report.line("and that it ended well", ended.await);
    let (mut data, reader) = wit_stream::new();
    let sent = server.send(reader);
    data.write_all(b"pong".to_vec()).await;
    drop(data);
    report.line("the other half goes on", sent.await);
    let (received, ended) = client.receive();
    report.line("what was sent back", received.collect().await);
    report.line("which ended well too", ended.await);
}

async fn a_lot(report: &mut Report) {
    let (client, server) = pair().await;
    let content: Vec<u8> = (0..2_000_000_u32).map(|at| (at % 251) as u8).collect();
    let expected = content.clone();
    let writer = spawn_local(async move {
        let (mut data, reader) = wit_stream::new();
        let sent = client.send(reader);
        let left = data.write_all(content).await;
        drop(data);
        (left.len(), sent.await)
    });
    // The handle is not needed for what it has given.
    let (received, ended) = server.receive();
    drop(server);
    let received = received.collect().await;
    report.line("two megabytes", received == expected);
    report.line("received", ended.await);
    report.line("and sent", writer.await);
}

async fn once_each(report: &mut Report) {
    let (client, _server) = pair().await;
    let (data, reader) = wit_stream::new();
    let first = client.send(reader);
    let (second_data, reader) = wit_stream::new();
    report.line("send twice", client.send(reader).await);
    drop((data, second_data));
    report.line("the first is not disturbed", first.await);
    let _first = client.receive();
    let (received, ended) = client.receive();
    report.line("receive twice", received.collect().await);
    report.line("which ends", ended.await);
}

async fn given_up(report: &mut Report) {
    // Who is no longer read from learns of it, sooner or later.
    let (client, server) = pair().await;
    let (received, ended) = server.receive();
    drop(received);
    report.line("a stream that nobody wants ends well", ended.await);
    drop((client, server));

    // A read that waits, is given up, and the connection with it: the other end sees it closed.
    let (client, server) = pair().await;
    let (mut received, ended) = client.receive();
    {
        let mut read = pin!(received.read(Vec::with_capacity(1)));
        let mut context = Context::from_waker(Waker::noop());
        let waits = read.as_mut().poll(&mut context).is_pending();
        report.line("a read waits", waits);
        // Others have their turn, and see it wait.
        compat_api::wit_bindgen::yield_async().await;
        let (result, bytes) = read.cancel();
        report.line("and is given up", (result, bytes));
    }
    drop((received, ended, client));
    let (mut received, ended) = server.receive();
    let (result, bytes) = received.read(Vec::with_capacity(1)).await;
    report.line(
        "which the other end sees",
        (result == StreamResult::Dropped, bytes),
    );
    report.line("as an end", ended.await);

    // Sending to one that has gone fails, once the system has noticed.
    let (mut data, reader) = wit_stream::new();
    let sent = server.send(reader);
    for _ in 0..1000 {
        if !data.write_all(vec![0; 10_000]).await.is_empty() {
            break;
        }
    }
    drop(data);
    report.line("sending to one that has gone fails", sent.await.is_err());
}
