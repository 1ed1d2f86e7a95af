//! The resource `tcp-socket`.

mod listen;
mod transfer;

use super::{address, error, network};
use crate::bindings::p2::io::streams::{InputStream, OutputStream};
use crate::bindings::p2::sockets::network::{ErrorCode as P2, IpSocketAddress as P2Address};
use crate::bindings::p2::sockets::tcp as p2;
use crate::bindings::p2::sockets::tcp_create_socket::create_tcp_socket;
use crate::bindings::p3::sockets::types::{
    self, Duration, ErrorCode, GuestTcpSocket, IpAddressFamily, IpSocketAddress,
};
use polyfill_guest::{FutureReader, StreamReader, pollable, yield_async};
use std::cell::RefCell;
use std::rc::Rc;

/// The streams of a socket use it as well, and longer than the handle may live.
pub struct TcpSocket(Rc<Socket>);

/// A socket of 0.2. The streams in its state are its children, which go first.
struct Socket {
    state: RefCell<State>,
    p2: p2::TcpSocket,
}

/// What 0.2 does not keep, or not as 0.3 wants it.
enum State {
    /// Unbound or bound.
    Open,
    Connecting,
    /// Each stream is there until it is taken.
    Connected {
        input: Option<InputStream>,
        output: Option<OutputStream>,
    },
    Listening,
    /// It could not be connected.
    Closed,
}

impl TcpSocket {
    fn new(p2: p2::TcpSocket, state: State) -> Self {
        Self(Rc::new(Socket {
            state: RefCell::new(state),
            p2,
        }))
    }
}

impl Socket {
    fn expect_open(&self) -> Result<(), ErrorCode> {
        match *self.state.borrow() {
            State::Open => Ok(()),
            _ => Err(ErrorCode::InvalidState),
        }
    }

    fn bind(&self, local: P2Address) -> Result<(), ErrorCode> {
        network::with(|network| self.p2.start_bind(network, local)).map_err(error::code)?;
        network::finish(|| self.p2.finish_bind(), || self.p2.subscribe()).map_err(error::code)
    }

    async fn connect(&self, remote: P2Address) -> Result<(InputStream, OutputStream), P2> {
        network::with(|network| self.p2.start_connect(network, remote))?;
        self.state.replace(State::Connecting);
        loop {
            match self.p2.finish_connect() {
                Err(P2::WouldBlock) => pollable!(self.p2.subscribe()).await,
                result => return result,
            }
        }
    }
}

impl GuestTcpSocket for TcpSocket {
    fn create(address_family: IpAddressFamily) -> Result<types::TcpSocket, ErrorCode> {
        let socket =
            create_tcp_socket(address::family_to_p2(address_family)).map_err(error::code)?;
        Ok(types::TcpSocket::new(TcpSocket::new(socket, State::Open)))
    }

    fn bind(&self, local_address: IpSocketAddress) -> Result<(), ErrorCode> {
        network::settle();
        self.0.expect_open()?;
        self.0.bind(address::to_p2(local_address))
    }

    async fn connect(&self, remote_address: IpSocketAddress) -> Result<(), ErrorCode> {
        // As `network::settle`, which is not for async functions.
        yield_async().await;
        let socket = &self.0;
        socket.expect_open()?;
        match socket.connect(address::to_p2(remote_address)).await {
            Ok((input, output)) => {
                socket.state.replace(State::Connected {
                    input: Some(input),
                    output: Some(output),
                });
                Ok(())
            }
            Err(code) => {
                // One that could not even be begun may be tried again, elsewhere.
                if socket.expect_open().is_err() {
                    socket.state.replace(State::Closed);
                }
                Err(error::code(code))
            }
        }
    }

    fn listen(&self) -> Result<StreamReader<types::TcpSocket>, ErrorCode> {
        network::settle();
        listen::start(&self.0)
    }

    fn send(&self, data: StreamReader<u8>) -> FutureReader<Result<(), ErrorCode>> {
        transfer::send(&self.0, data)
    }

    fn receive(&self) -> (StreamReader<u8>, FutureReader<Result<(), ErrorCode>>) {
        transfer::receive(&self.0)
    }

    fn get_local_address(&self) -> Result<IpSocketAddress, ErrorCode> {
        let address = self.0.p2.local_address().map_err(error::code)?;
        Ok(address::from_p2(address))
    }

    fn get_remote_address(&self) -> Result<IpSocketAddress, ErrorCode> {
        let address = self.0.p2.remote_address().map_err(error::code)?;
        Ok(address::from_p2(address))
    }

    fn get_is_listening(&self) -> bool {
        self.0.p2.is_listening()
    }

    fn get_address_family(&self) -> IpAddressFamily {
        address::family_from_p2(self.0.p2.address_family())
    }

    fn set_listen_backlog_size(&self, value: u64) -> Result<(), ErrorCode> {
        super::not_zero(value)?;
        self.0
            .p2
            .set_listen_backlog_size(value)
            .map_err(error::code)
    }

    fn get_keep_alive_enabled(&self) -> Result<bool, ErrorCode> {
        self.0.p2.keep_alive_enabled().map_err(error::code)
    }

    fn set_keep_alive_enabled(&self, value: bool) -> Result<(), ErrorCode> {
        self.0.p2.set_keep_alive_enabled(value).map_err(error::code)
    }

    fn get_keep_alive_idle_time(&self) -> Result<Duration, ErrorCode> {
        self.0.p2.keep_alive_idle_time().map_err(error::code)
    }

    fn set_keep_alive_idle_time(&self, value: Duration) -> Result<(), ErrorCode> {
        super::not_zero(value)?;
        self.0
            .p2
            .set_keep_alive_idle_time(value)
            .map_err(error::code)
    }

    fn get_keep_alive_interval(&self) -> Result<Duration, ErrorCode> {
        self.0.p2.keep_alive_interval().map_err(error::code)
    }

    fn set_keep_alive_interval(&self, value: Duration) -> Result<(), ErrorCode> {
        super::not_zero(value)?;
        self.0
            .p2
            .set_keep_alive_interval(value)
            .map_err(error::code)
    }

    fn get_keep_alive_count(&self) -> Result<u32, ErrorCode> {
        self.0.p2.keep_alive_count().map_err(error::code)
    }

    fn set_keep_alive_count(&self, value: u32) -> Result<(), ErrorCode> {
        super::not_zero(value.into())?;
        self.0.p2.set_keep_alive_count(value).map_err(error::code)
    }

    fn get_hop_limit(&self) -> Result<u8, ErrorCode> {
        self.0.p2.hop_limit().map_err(error::code)
    }

    fn set_hop_limit(&self, value: u8) -> Result<(), ErrorCode> {
        super::not_zero(value.into())?;
        self.0.p2.set_hop_limit(value).map_err(error::code)
    }

    fn get_receive_buffer_size(&self) -> Result<u64, ErrorCode> {
        self.0.p2.receive_buffer_size().map_err(error::code)
    }

    fn set_receive_buffer_size(&self, value: u64) -> Result<(), ErrorCode> {
        super::not_zero(value)?;
        self.0
            .p2
            .set_receive_buffer_size(value)
            .map_err(error::code)
    }

    fn get_send_buffer_size(&self) -> Result<u64, ErrorCode> {
        self.0.p2.send_buffer_size().map_err(error::code)
    }

    fn set_send_buffer_size(&self, value: u64) -> Result<(), ErrorCode> {
        super::not_zero(value)?;
        self.0.p2.set_send_buffer_size(value).map_err(error::code)
    }
}
