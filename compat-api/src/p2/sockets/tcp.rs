//! `wasi:sockets/tcp`: connections.

pub use super::network::{ErrorCode, IpAddressFamily, IpSocketAddress, Network};
pub use crate::p2::clocks::monotonic_clock::Duration;
pub use crate::p2::io::poll::Pollable;
pub use crate::p2::io::streams::{InputStream, OutputStream};

use crate::p2::bindings::debug_cases;
use crate::p2::io::output::Output;
use crate::p2::io::poll::Readiness;
use crate::p2::io::sink::Pipe;
use crate::p2::io::source::{End, Source};
use crate::p2::io::streams::{StreamError, input};
use crate::p2::local::Local;
use crate::p2::shared::Shared;
use crate::sockets::types as p3;
use crate::wit_bindgen::StreamReader;
use crate::wit_stream;
use std::cell::RefCell;
use std::fmt;
use std::net::IpAddr;
use std::rc::Rc;
use std::task::{Context, Poll};

/// Which half of a connection is shut down.
#[derive(Clone, Copy, Eq, Ord, PartialEq, PartialOrd)]
pub enum ShutdownType {
    /// Nothing more is received.
    Receive,
    /// Nothing more is sent.
    Send,
    /// Both.
    Both,
}

debug_cases!(ShutdownType: Receive, Send, Both);

/// A TCP socket.
pub struct TcpSocket(Local<Rc<Tcp>>);

struct Tcp {
    socket: Rc<p3::TcpSocket>,
    state: RefCell<State>,
}

type Connect = Shared<Result<(), p3::ErrorCode>>;

enum State {
    Unbound,
    Binding,
    Bound,
    Connecting(Rc<Connect>),
    Connected(Rc<Source<u8>>, Rc<Output>),
    /// What comes in, once it listens.
    StartedToListen(StreamReader<p3::TcpSocket>),
    Listening(Rc<Source<p3::TcpSocket>>),
    /// It could not be connected.
    Closed,
}

impl TcpSocket {
    /// Begins to bind the socket to an address.
    pub fn start_bind(
        &self,
        network: &Network,
        local_address: IpSocketAddress,
    ) -> Result<(), ErrorCode> {
        let Network(()) = network;
        let mut state = self.0.state.borrow_mut();
        match *state {
            State::Unbound => {}
            _ => return Err(state.refusal()),
        }
        self.0.socket.bind(local_address)?;
        *state = State::Binding;
        Ok(())
    }

    /// Ends what [`start_bind`](Self::start_bind) has begun.
    pub fn finish_bind(&self) -> Result<(), ErrorCode> {
        let mut state = self.0.state.borrow_mut();
        match *state {
            State::Binding => *state = State::Bound,
            _ => return Err(ErrorCode::NotInProgress),
        }
        Ok(())
    }

    /// Begins to connect the socket.
    pub fn start_connect(
        &self,
        network: &Network,
        remote_address: IpSocketAddress,
    ) -> Result<(), ErrorCode> {
        let Network(()) = network;
        let mut state = self.0.state.borrow_mut();
        match *state {
            State::Unbound | State::Bound => {}
            _ => return Err(state.refusal()),
        }
        // 0.3 refuses it too, but later.
        if !can_be_remote(&remote_address, self.address_family()) {
            return Err(ErrorCode::InvalidArgument);
        }
        let socket = self.0.socket.clone();
        let connect = Connect::new(async move { socket.connect(remote_address).await });
        connect.advance();
        *state = State::Connecting(Rc::new(connect));
        Ok(())
    }

    /// Ends what [`start_connect`](Self::start_connect) has begun. [`ErrorCode::WouldBlock`]: it is still under way.
    pub fn finish_connect(&self) -> Result<(InputStream, OutputStream), ErrorCode> {
        let mut state = self.0.state.borrow_mut();
        let State::Connecting(connect) = &*state else {
            return Err(ErrorCode::NotInProgress);
        };
        match connect.take() {
            None => Err(ErrorCode::WouldBlock),
            Some(Err(code)) => {
                *state = State::Closed;
                Err(code.into())
            }
            Some(Ok(())) => {
                let (source, output) = streams(&self.0.socket);
                *state = State::Connected(source.clone(), output.clone());
                Ok((InputStream::new(source), OutputStream::new(output)))
            }
        }
    }

    /// Begins to listen.
    pub fn start_listen(&self) -> Result<(), ErrorCode> {
        let mut state = self.0.state.borrow_mut();
        match *state {
            State::Bound => {}
            _ => return Err(state.refusal()),
        }
        *state = State::StartedToListen(self.0.socket.listen()?);
        Ok(())
    }

    /// Ends what [`start_listen`](Self::start_listen) has begun.
    pub fn finish_listen(&self) -> Result<(), ErrorCode> {
        let mut state = self.0.state.borrow_mut();
        *state = match std::mem::replace(&mut *state, State::Closed) {
            State::StartedToListen(accepted) => {
                let end = std::future::ready(Ok(()));
                State::Listening(Rc::new(Source::new(accepted, end, 1)))
            }
            other => {
                *state = other;
                return Err(ErrorCode::NotInProgress);
            }
        };
        Ok(())
    }

    /// Accepts a connection. [`ErrorCode::WouldBlock`]: there is none.
    pub fn accept(&self) -> Result<(TcpSocket, InputStream, OutputStream), ErrorCode> {
        let State::Listening(accepted) = &*self.0.state.borrow() else {
            return Err(ErrorCode::InvalidState);
        };
        let socket = match accepted.try_take(1) {
            Ok(mut sockets) => sockets.pop().ok_or(ErrorCode::WouldBlock)?,
            Err(StreamError::Closed | StreamError::LastOperationFailed(_)) => {
                return Err(ErrorCode::Unknown);
            }
        };
        let (source, output) = streams(&socket);
        let socket = Tcp {
            socket: Rc::new(socket),
            state: RefCell::new(State::Connected(source.clone(), output.clone())),
        };
        Ok((
            TcpSocket(Local::new(Rc::new(socket))),
            InputStream::new(source),
            OutputStream::new(output),
        ))
    }

    /// The address that it is bound to.
    pub fn local_address(&self) -> Result<IpSocketAddress, ErrorCode> {
        Ok(self.0.socket.get_local_address()?)
    }

    /// The address that it is connected to.
    pub fn remote_address(&self) -> Result<IpSocketAddress, ErrorCode> {
        Ok(self.0.socket.get_remote_address()?)
    }

    /// Whether it listens.
    pub fn is_listening(&self) -> bool {
        matches!(*self.0.state.borrow(), State::Listening(_))
    }

    /// Whether its addresses are of IPv4 or IPv6.
    pub fn address_family(&self) -> IpAddressFamily {
        self.0.socket.get_address_family()
    }

    /// Sets how many connections may wait to be accepted.
    pub fn set_listen_backlog_size(&self, value: u64) -> Result<(), ErrorCode> {
        Ok(self.0.socket.set_listen_backlog_size(value)?)
    }

    /// Whether an idle connection is probed.
    pub fn keep_alive_enabled(&self) -> Result<bool, ErrorCode> {
        Ok(self.0.socket.get_keep_alive_enabled()?)
    }

    /// Sets whether an idle connection is probed.
    pub fn set_keep_alive_enabled(&self, value: bool) -> Result<(), ErrorCode> {
        Ok(self.0.socket.set_keep_alive_enabled(value)?)
    }

    /// How long a connection is idle before it is probed.
    pub fn keep_alive_idle_time(&self) -> Result<Duration, ErrorCode> {
        Ok(self.0.socket.get_keep_alive_idle_time()?)
    }

    /// Sets how long a connection is idle before it is probed.
    pub fn set_keep_alive_idle_time(&self, value: Duration) -> Result<(), ErrorCode> {
        Ok(self.0.socket.set_keep_alive_idle_time(value)?)
    }

    /// How long it is between two probes.
    pub fn keep_alive_interval(&self) -> Result<Duration, ErrorCode> {
        Ok(self.0.socket.get_keep_alive_interval()?)
    }

    /// Sets how long it is between two probes.
    pub fn set_keep_alive_interval(&self, value: Duration) -> Result<(), ErrorCode> {
        Ok(self.0.socket.set_keep_alive_interval(value)?)
    }

    /// How many probes may remain without an answer.
    pub fn keep_alive_count(&self) -> Result<u32, ErrorCode> {
        Ok(self.0.socket.get_keep_alive_count()?)
    }

    /// Sets how many probes may remain without an answer.
    pub fn set_keep_alive_count(&self, value: u32) -> Result<(), ErrorCode> {
        Ok(self.0.socket.set_keep_alive_count(value)?)
    }

    /// How many routers a packet passes at most.
    pub fn hop_limit(&self) -> Result<u8, ErrorCode> {
        Ok(self.0.socket.get_hop_limit()?)
    }

    /// Sets how many routers a packet passes at most.
    pub fn set_hop_limit(&self, value: u8) -> Result<(), ErrorCode> {
        Ok(self.0.socket.set_hop_limit(value)?)
    }

    /// How many bytes are kept that came and were not read.
    pub fn receive_buffer_size(&self) -> Result<u64, ErrorCode> {
        Ok(self.0.socket.get_receive_buffer_size()?)
    }

    /// Sets how many bytes are kept that came and were not read.
    pub fn set_receive_buffer_size(&self, value: u64) -> Result<(), ErrorCode> {
        Ok(self.0.socket.set_receive_buffer_size(value)?)
    }

    /// How many bytes are kept that could not be sent yet.
    pub fn send_buffer_size(&self) -> Result<u64, ErrorCode> {
        Ok(self.0.socket.get_send_buffer_size()?)
    }

    /// Sets how many bytes are kept that could not be sent yet.
    pub fn set_send_buffer_size(&self, value: u64) -> Result<(), ErrorCode> {
        Ok(self.0.socket.set_send_buffer_size(value)?)
    }

    /// Ready when what was begun can be ended, or when there is a connection to accept.
    pub fn subscribe(&self) -> Pollable {
        Pollable::new((*self.0).clone())
    }

    /// Shuts down one half of the connection, or both. What was written is still sent.
    pub fn shutdown(&self, shutdown_type: ShutdownType) -> Result<(), ErrorCode> {
        let (source, output) = match &*self.0.state.borrow() {
            State::Connected(source, output) => (source.clone(), output.clone()),
            _ => return Err(ErrorCode::InvalidState),
        };
        if let ShutdownType::Receive | ShutdownType::Both = shutdown_type {
            source.close();
        }
        if let ShutdownType::Send | ShutdownType::Both = shutdown_type {
            output.finish();
        }
        Ok(())
    }
}

/// Whether a socket of this family can be connected to an address.
fn can_be_remote(address: &IpSocketAddress, family: IpAddressFamily) -> bool {
    let (port, address) = match (address, family) {
        (IpSocketAddress::Ipv4(address), IpAddressFamily::Ipv4) => {
            let (a, b, c, d) = address.address;
            (address.port, IpAddr::from([a, b, c, d]))
        }
        (IpSocketAddress::Ipv6(address), IpAddressFamily::Ipv6) => {
            let (a, b, c, d, e, f, g, h) = address.address;
            (address.port, IpAddr::from([a, b, c, d, e, f, g, h]))
        }
        _ => return false,
    };
    let one_host = match address {
        IpAddr::V4(address) => !address.is_broadcast(),
        IpAddr::V6(address) => address.to_ipv4_mapped().is_none(),
    };
    port != 0 && one_host && !address.is_unspecified() && !address.is_multicast()
}

/// The streams of a connection.
fn streams(socket: &p3::TcpSocket) -> (Rc<Source<u8>>, Rc<Output>) {
    let (writer, data) = wit_stream::new();
    let sent = socket.send(data);
    let end: End = Box::pin(async { sent.await.map_err(Into::into) });
    let output = Output::new(Pipe::new(writer, Some(end)), true);
    (input(socket.receive()), Rc::new(output))
}

impl State {
    /// Why nothing can be begun.
    fn refusal(&self) -> ErrorCode {
        match self {
            State::Binding | State::Connecting(_) | State::StartedToListen(_) => {
                ErrorCode::ConcurrencyConflict
            }
            _ => ErrorCode::InvalidState,
        }
    }
}

impl Readiness for Tcp {
    fn poll_ready(&self, cx: &mut Context<'_>) -> Poll<()> {
        match &*self.state.borrow() {
            State::Connecting(connect) => connect.poll_ready(cx),
            State::Listening(accepted) => accepted.poll_ready(cx),
            _ => Poll::Ready(()),
        }
    }
}

/// A socket that is neither bound nor connected.
impl From<p3::TcpSocket> for TcpSocket {
    fn from(socket: p3::TcpSocket) -> Self {
        TcpSocket(Local::new(Rc::new(Tcp {
            socket: Rc::new(socket),
            state: RefCell::new(State::Unbound),
        })))
    }
}

/// For options of 0.3. What is bound or connected by it, the facade does not know of.
impl AsRef<p3::TcpSocket> for TcpSocket {
    fn as_ref(&self) -> &p3::TcpSocket {
        &self.0.socket
    }
}

impl fmt::Debug for TcpSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("TcpSocket").field(&self.0.socket).finish()
    }
}
