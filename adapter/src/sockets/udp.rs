//! The resource `udp-socket`.

mod streams;

use super::{address, error, network, not_zero};
use crate::bindings::p2::sockets::network::{ErrorCode as P2, IpSocketAddress as P2Address};
use crate::bindings::p2::sockets::udp::OutgoingDatagram;
use crate::bindings::p2::sockets::udp_create_socket::create_udp_socket;
use crate::bindings::p3::sockets::types::{
    self, ErrorCode, GuestUdpSocket, IpAddressFamily, IpSocketAddress,
};
use std::cell::RefCell;
use streams::Streams;

/// The longest datagram there is.
const LONGEST: usize = u16::MAX as usize;

/// A socket of 0.2, whose streams 0.3 does not show.
pub struct UdpSocket {
    streams: Streams,
    /// The peer that it is "connected" to.
    remote: RefCell<Option<IpSocketAddress>>,
}

impl UdpSocket {
    fn is_bound(&self) -> bool {
        self.streams.socket().local_address().is_ok()
    }

    fn bind(&self, local: P2Address) -> Result<(), P2> {
        let socket = self.streams.socket();
        network::with(|network| socket.start_bind(network, local))?;
        network::finish(|| socket.finish_bind(), || socket.subscribe())
    }

    /// Binds the socket unless it is, which 0.2 does not do by itself.
    fn bind_if_needed(&self) -> Result<(), P2> {
        if self.is_bound() {
            Ok(())
        } else {
            self.bind(address::unspecified(self.streams.socket().address_family()))
        }
    }

    fn can_reach(&self, remote: &IpSocketAddress) -> Result<(), ErrorCode> {
        if address::is_remote(remote, self.streams.socket().address_family()) {
            Ok(())
        } else {
            Err(ErrorCode::InvalidArgument)
        }
    }
}

impl GuestUdpSocket for UdpSocket {
    fn create(address_family: IpAddressFamily) -> Result<types::UdpSocket, ErrorCode> {
        let socket =
            create_udp_socket(address::family_to_p2(address_family)).map_err(error::code)?;
        Ok(types::UdpSocket::new(UdpSocket {
            streams: Streams::new(socket),
            remote: RefCell::new(None),
        }))
    }

    fn bind(&self, local_address: IpSocketAddress) -> Result<(), ErrorCode> {
        network::settle();
        if self.is_bound() {
            return Err(ErrorCode::InvalidState);
        }
        self.bind(address::to_p2(local_address))
            .map_err(error::code)
    }

    fn connect(&self, remote_address: IpSocketAddress) -> Result<(), ErrorCode> {
        self.can_reach(&remote_address)?;
        self.bind_if_needed().map_err(error::code)?;
        self.remote.replace(None);
        self.streams
            .open(Some(address::to_p2(remote_address)))
            .map_err(error::code)?;
        self.remote.replace(Some(remote_address));
        Ok(())
    }

    fn disconnect(&self) -> Result<(), ErrorCode> {
        if self.remote.take().is_none() {
            return Err(ErrorCode::InvalidState);
        }
        self.streams.open(None).map_err(error::code)
    }

    async fn send(
        &self,
        data: Vec<u8>,
        remote_address: Option<IpSocketAddress>,
    ) -> Result<(), ErrorCode> {
        if data.len() > LONGEST {
            return Err(ErrorCode::DatagramTooLarge);
        }
        // To whom it is connected, 0.2 does not want to be told again.
        let to = match (&*self.remote.borrow(), remote_address) {
            (Some(_), None) => None,
            (Some(remote), Some(to)) => {
                self.can_reach(&to)?;
                if !address::same(remote, &to) {
                    return Err(ErrorCode::InvalidArgument);
                }
                None
            }
            (None, Some(to)) => {
                self.can_reach(&to)?;
                Some(to)
            }
            (None, None) => return Err(ErrorCode::InvalidArgument),
        };
        self.bind_if_needed().map_err(error::code)?;
        let datagram = OutgoingDatagram {
            data,
            remote_address: to.map(address::to_p2),
        };
        self.streams.send(&[datagram]).await.map_err(error::code)
    }

    async fn receive(&self) -> Result<(Vec<u8>, IpSocketAddress), ErrorCode> {
        if !self.is_bound() {
            return Err(ErrorCode::InvalidState);
        }
        let datagram = self.streams.receive().await.map_err(error::code)?;
        Ok((datagram.data, address::from_p2(datagram.remote_address)))
    }

    fn get_local_address(&self) -> Result<IpSocketAddress, ErrorCode> {
        let address = self.streams.socket().local_address();
        address.map(address::from_p2).map_err(error::code)
    }

    fn get_remote_address(&self) -> Result<IpSocketAddress, ErrorCode> {
        let remote = self.remote.borrow();
        (*remote).ok_or(ErrorCode::InvalidState)
    }

    fn get_address_family(&self) -> IpAddressFamily {
        address::family_from_p2(self.streams.socket().address_family())
    }

    fn get_unicast_hop_limit(&self) -> Result<u8, ErrorCode> {
        self.streams
            .socket()
            .unicast_hop_limit()
            .map_err(error::code)
    }

    fn set_unicast_hop_limit(&self, value: u8) -> Result<(), ErrorCode> {
        not_zero(value.into())?;
        self.streams
            .socket()
            .set_unicast_hop_limit(value)
            .map_err(error::code)
    }

    fn get_receive_buffer_size(&self) -> Result<u64, ErrorCode> {
        self.streams
            .socket()
            .receive_buffer_size()
            .map_err(error::code)
    }

    fn set_receive_buffer_size(&self, value: u64) -> Result<(), ErrorCode> {
        not_zero(value)?;
        self.streams
            .socket()
            .set_receive_buffer_size(value)
            .map_err(error::code)
    }

    fn get_send_buffer_size(&self) -> Result<u64, ErrorCode> {
        self.streams
            .socket()
            .send_buffer_size()
            .map_err(error::code)
    }

    fn set_send_buffer_size(&self, value: u64) -> Result<(), ErrorCode> {
        not_zero(value)?;
        self.streams
            .socket()
            .set_send_buffer_size(value)
            .map_err(error::code)
    }
}
