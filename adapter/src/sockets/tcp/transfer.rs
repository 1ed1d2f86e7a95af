//! What is sent over a connection and received from it.

use super::{Socket, State};
use crate::bindings::p2::sockets::tcp::ShutdownType;
use crate::bindings::p3::sockets::types::ErrorCode;
use crate::bindings::{wit_future, wit_stream};
use crate::resolve::resolve;
use crate::sockets::error;
use crate::{input, output};
use polyfill_guest::{FutureReader, StreamReader, spawn_local};
use std::rc::Rc;

/// One stream of a connection. It goes before the socket whose child it is.
struct Half<S> {
    stream: S,
    socket: Rc<Socket>,
}

impl<S> Half<S> {
    fn take(
        socket: &Rc<Socket>,
        stream: impl FnOnce(&mut State) -> Option<S>,
    ) -> Result<Self, ErrorCode> {
        let stream = stream(&mut socket.state.borrow_mut()).ok_or(ErrorCode::InvalidState)?;
        Ok(Half {
            stream,
            socket: socket.clone(),
        })
    }

    /// Tells the peer, or the system, that this half is over.
    fn shut_down(self, which: ShutdownType) {
        // It fails if the connection is gone already, and then there is nothing to tell.
        let _ = self.socket.p2.shutdown(which);
    }
}

pub fn send(socket: &Rc<Socket>, data: StreamReader<u8>) -> FutureReader<Result<(), ErrorCode>> {
    let (end, ended) = wit_future::new(|| Ok(()));
    let half = Half::take(socket, |state| match state {
        State::Connected { output, .. } => output.take(),
        _ => None,
    });
    match half {
        Ok(half) => {
            spawn_local(async move {
                let result = output::copy(data, &half.stream).await;
                half.shut_down(ShutdownType::Send);
                resolve(end, result.map_err(error::of_output));
            });
        }
        Err(code) => resolve(end, Err(code)),
    }
    ended
}

pub fn receive(socket: &Rc<Socket>) -> (StreamReader<u8>, FutureReader<Result<(), ErrorCode>>) {
    let (mut writer, reader) = wit_stream::new();
    let (end, ended) = wit_future::new(|| Ok(()));
    let half = Half::take(socket, |state| match state {
        State::Connected { input, .. } => input.take(),
        _ => None,
    });
    match half {
        Ok(half) => {
            spawn_local(async move {
                let result = input::copy(&half.stream, &mut writer).await;
                drop(writer);
                half.shut_down(ShutdownType::Receive);
                resolve(end, result.map_err(error::of_input));
            });
        }
        Err(code) => resolve(end, Err(code)),
    }
    (reader, ended)
}
