//! `wasi:sockets/udp`: datagrams.

pub use super::network::{ErrorCode, IpAddressFamily, IpSocketAddress, Network};
pub use super::udp_streams::{
    IncomingDatagram, IncomingDatagramStream, OutgoingDatagram, OutgoingDatagramStream,
};
pub use crate::p2::io::poll::Pollable;

use crate::p2::io::poll::Always;
use crate::p2::local::Local;
use crate::sockets::types as p3;
use std::cell::Cell;
use std::fmt;
use std::rc::Rc;

/// A UDP socket.
pub struct UdpSocket(Local<Udp>);

struct Udp {
    socket: Rc<p3::UdpSocket>,
    state: Cell<State>,
    /// Shared with the streams, which are counted by that.
    streams: Rc<()>,
}

#[derive(Clone, Copy)]
enum State {
    Unbound,
    Binding,
    Bound,
}

impl UdpSocket {
    /// Begins to bind the socket to an address.
    pub fn start_bind(
        &self,
        network: &Network,
        local_address: IpSocketAddress,
    ) -> Result<(), ErrorCode> {
        let Network(()) = network;
        match self.0.state.get() {
            State::Unbound => {}
            State::Binding => return Err(ErrorCode::ConcurrencyConflict),
            State::Bound => return Err(ErrorCode::InvalidState),
        }
        self.0.socket.bind(local_address)?;
        self.0.state.set(State::Binding);
        Ok(())
    }

    /// Ends what [`start_bind`](Self::start_bind) has begun.
    pub fn finish_bind(&self) -> Result<(), ErrorCode> {
        match self.0.state.get() {
            State::Binding => self.0.state.set(State::Bound),
            _ => return Err(ErrorCode::NotInProgress),
        }
        Ok(())
    }

    /// The datagrams of the socket: with an address, from and to that one only.
    ///
    /// # Panics
    ///
    /// If earlier streams of the socket are still there, as 0.2 traps.
    pub fn stream(
        &self,
        remote_address: Option<IpSocketAddress>,
    ) -> Result<(IncomingDatagramStream, OutgoingDatagramStream), ErrorCode> {
        assert!(
            Rc::strong_count(&self.0.streams) == 1,
            "a UDP socket was asked for streams before earlier ones were dropped"
        );
        let State::Bound = self.0.state.get() else {
            return Err(ErrorCode::InvalidState);
        };
        let socket = &self.0.socket;
        if socket.get_remote_address().is_ok() {
            socket.disconnect()?;
        }
        if let Some(address) = remote_address {
            socket.connect(address)?;
        }
        Ok((
            IncomingDatagramStream::new(socket.clone(), self.0.streams.clone()),
            OutgoingDatagramStream::new(socket.clone(), self.0.streams.clone()),
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

    /// Whether its addresses are of IPv4 or IPv6.
    pub fn address_family(&self) -> IpAddressFamily {
        self.0.socket.get_address_family()
    }

    /// How many routers a datagram passes at most.
    pub fn unicast_hop_limit(&self) -> Result<u8, ErrorCode> {
        Ok(self.0.socket.get_unicast_hop_limit()?)
    }

    /// Sets how many routers a datagram passes at most.
    pub fn set_unicast_hop_limit(&self, value: u8) -> Result<(), ErrorCode> {
        Ok(self.0.socket.set_unicast_hop_limit(value)?)
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

    /// Ready when what was begun can be ended, which it always can.
    pub fn subscribe(&self) -> Pollable {
        Pollable::new(Rc::new(Always))
    }
}

/// A socket that is neither bound nor connected.
impl From<p3::UdpSocket> for UdpSocket {
    fn from(socket: p3::UdpSocket) -> Self {
        UdpSocket(Local::new(Udp {
            socket: Rc::new(socket),
            state: Cell::new(State::Unbound),
            streams: Rc::default(),
        }))
    }
}

/// For options of 0.3. What is bound or connected by it, the facade does not know of.
impl AsRef<p3::UdpSocket> for UdpSocket {
    fn as_ref(&self) -> &p3::UdpSocket {
        &self.0.socket
    }
}

impl fmt::Debug for UdpSocket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("UdpSocket").field(&self.0.socket).finish()
    }
}
