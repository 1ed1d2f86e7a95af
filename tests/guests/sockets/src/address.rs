//! Addresses, in few words.

use compat_api::sockets::types::{IpSocketAddress, Ipv4SocketAddress, Ipv6SocketAddress};

pub fn v4(a: u8, b: u8, c: u8, d: u8, port: u16) -> IpSocketAddress {
    IpSocketAddress::Ipv4(Ipv4SocketAddress {
        port,
        address: (a, b, c, d),
    })
}

pub fn v6(address: [u16; 8], port: u16) -> IpSocketAddress {
    let [a, b, c, d, e, f, g, h] = address;
    IpSocketAddress::Ipv6(Ipv6SocketAddress {
        port,
        flow_info: 0,
        address: (a, b, c, d, e, f, g, h),
        scope_id: 0,
    })
}

/// 127.0.0.1
pub fn loopback(port: u16) -> IpSocketAddress {
    v4(127, 0, 0, 1, port)
}

/// ::1
pub fn loopback6(port: u16) -> IpSocketAddress {
    v6([0, 0, 0, 0, 0, 0, 0, 1], port)
}

pub fn port(address: &IpSocketAddress) -> u16 {
    match address {
        IpSocketAddress::Ipv4(address) => address.port,
        IpSocketAddress::Ipv6(address) => address.port,
    }
}

/// Without the port, which is another each time.
pub fn host(address: IpSocketAddress) -> String {
    match address {
        IpSocketAddress::Ipv4(address) => format!("{:?}", address.address),
        IpSocketAddress::Ipv6(address) => format!("{:?}", address.address),
    }
}
