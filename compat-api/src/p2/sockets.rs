//! `wasi:sockets` of WASI 0.2.

mod code;
pub mod ip_name_lookup;
pub mod tcp;
pub mod udp;
mod udp_streams;

/// `wasi:sockets/network`: the network, addresses and errors.
pub mod network {
    pub use super::code::ErrorCode;
    pub use crate::sockets::types::{
        IpAddress, IpAddressFamily, IpSocketAddress, Ipv4Address, Ipv4SocketAddress, Ipv6Address,
        Ipv6SocketAddress,
    };

    /// A network. 0.3 has one, and does not name it.
    #[derive(Debug)]
    pub struct Network(pub(super) ());
}

/// `wasi:sockets/instance-network`.
pub mod instance_network {
    pub use super::network::Network;

    /// The network.
    pub fn instance_network() -> Network {
        Network(())
    }
}

/// `wasi:sockets/tcp-create-socket`.
pub mod tcp_create_socket {
    pub use super::network::{ErrorCode, IpAddressFamily, Network};
    pub use super::tcp::TcpSocket;

    /// A socket that is neither bound nor connected.
    pub fn create_tcp_socket(address_family: IpAddressFamily) -> Result<TcpSocket, ErrorCode> {
        Ok(crate::sockets::types::TcpSocket::create(address_family)?.into())
    }
}

/// `wasi:sockets/udp-create-socket`.
pub mod udp_create_socket {
    pub use super::network::{ErrorCode, IpAddressFamily, Network};
    pub use super::udp::UdpSocket;

    /// A socket that is neither bound nor connected.
    pub fn create_udp_socket(address_family: IpAddressFamily) -> Result<UdpSocket, ErrorCode> {
        Ok(crate::sockets::types::UdpSocket::create(address_family)?.into())
    }
}
