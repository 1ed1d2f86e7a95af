//! Connections that come in.

use super::{Socket, State, TcpSocket};
use crate::bindings::p2::clocks::monotonic_clock::subscribe_duration;
use crate::bindings::p2::sockets::network::ErrorCode as P2;
use crate::bindings::p3::sockets::types::{self, ErrorCode};
use crate::bindings::wit_stream;
use crate::input::{is_wanted, unless_dropped};
use crate::sockets::{address, error, network};
use polyfill_guest::{StreamReader, StreamWriter, pollable, spawn_local};
use std::rc::Rc;

/// How long nothing is accepted when the host could not, for want of memory or of sockets: some may be free then.
const PAUSE: u64 = 10_000_000;

/// `listen`: binds the socket unless it is, since 0.2 does not.
pub fn start(socket: &Rc<Socket>) -> Result<StreamReader<types::TcpSocket>, ErrorCode> {
    socket.expect_open()?;
    if socket.p2.local_address().is_err() {
        socket.bind(address::unspecified(socket.p2.address_family()))?;
    }
    socket.p2.start_listen().map_err(error::code)?;
    network::finish(|| socket.p2.finish_listen(), || socket.p2.subscribe()).map_err(error::code)?;
    socket.state.replace(State::Listening);

    let (mut writer, reader) = wit_stream::new();
    let socket = socket.clone();
    spawn_local(async move { accept_all(&socket, &mut writer).await });
    Ok(reader)
}

/// Accepts a connection whenever one is wanted, until the reader is gone.
async fn accept_all(socket: &Socket, to: &mut StreamWriter<types::TcpSocket>) {
    while is_wanted(to).await {
        let accepted = loop {
            let wait = match socket.p2.accept() {
                Ok(accepted) => break accepted,
                Err(P2::WouldBlock) => socket.p2.subscribe(),
                // The socket does not listen any more.
                Err(P2::InvalidState) => return,
                // The peer has gone before it was its turn, which concerns nobody.
                Err(P2::ConnectionAborted | P2::ConnectionReset) => continue,
                Err(_) => subscribe_duration(PAUSE),
            };
            if !unless_dropped(pollable!(wait), to).await {
                return;
            }
        };
        let (accepted, input, output) = accepted;
        let state = State::Connected {
            input: Some(input),
            output: Some(output),
        };
        // Dropped, and so closed, if the reader has gone.
        to.write_one(types::TcpSocket::new(TcpSocket::new(accepted, state)))
            .await;
    }
}
