//! Addresses: from one version to the other, and what may be done with them.

use crate::bindings::p2::sockets::network as p2;
use crate::bindings::p3::sockets::types::{
    IpAddress, IpAddressFamily, IpSocketAddress, Ipv4SocketAddress, Ipv6SocketAddress,
};
use std::net::Ipv6Addr;

pub fn to_p2(from: IpSocketAddress) -> p2::IpSocketAddress {
    match from {
        IpSocketAddress::Ipv4(Ipv4SocketAddress { port, address }) => {
            p2::IpSocketAddress::Ipv4(p2::Ipv4SocketAddress { port, address })
        }
        IpSocketAddress::Ipv6(Ipv6SocketAddress {
            port,
            flow_info,
            address,
            scope_id,
        }) => p2::IpSocketAddress::Ipv6(p2::Ipv6SocketAddress {
            port,
            flow_info,
            address,
            scope_id,
        }),
    }
}

pub fn from_p2(from: p2::IpSocketAddress) -> IpSocketAddress {
    match from {
        p2::IpSocketAddress::Ipv4(p2::Ipv4SocketAddress { port, address }) => {
            IpSocketAddress::Ipv4(Ipv4SocketAddress { port, address })
        }
        p2::IpSocketAddress::Ipv6(p2::Ipv6SocketAddress {
            port,
            flow_info,
            address,
            scope_id,
        }) => IpSocketAddress::Ipv6(Ipv6SocketAddress {
            port,
            flow_info,
            address,
            scope_id,
        }),
    }
}

/// An IPv4-mapped IPv6 address becomes the IPv4 address that it is.
pub fn ip_from_p2(from: p2::IpAddress) -> IpAddress {
    match from {
        p2::IpAddress::Ipv4(address) => IpAddress::Ipv4(address),
        p2::IpAddress::Ipv6(address) => match ipv6(address).to_ipv4_mapped() {
            Some(address) => {
                let [a, b, c, d] = address.octets();
                IpAddress::Ipv4((a, b, c, d))
            }
            None => IpAddress::Ipv6(address),
        },
    }
}

pub fn family_to_p2(from: IpAddressFamily) -> p2::IpAddressFamily {
    match from {
        IpAddressFamily::Ipv4 => p2::IpAddressFamily::Ipv4,
        IpAddressFamily::Ipv6 => p2::IpAddressFamily::Ipv6,
    }
}

pub fn family_from_p2(from: p2::IpAddressFamily) -> IpAddressFamily {
    match from {
        p2::IpAddressFamily::Ipv4 => IpAddressFamily::Ipv4,
        p2::IpAddressFamily::Ipv6 => IpAddressFamily::Ipv6,
    }
}

/// Any address and any free port: what a socket is bound to if nobody says.
pub fn unspecified(family: p2::IpAddressFamily) -> p2::IpSocketAddress {
    match family {
        p2::IpAddressFamily::Ipv4 => p2::IpSocketAddress::Ipv4(p2::Ipv4SocketAddress {
            port: 0,
            address: (0, 0, 0, 0),
        }),
        p2::IpAddressFamily::Ipv6 => p2::IpSocketAddress::Ipv6(p2::Ipv6SocketAddress {
            port: 0,
            flow_info: 0,
            address: (0, 0, 0, 0, 0, 0, 0, 0),
            scope_id: 0,
        }),
    }
}

/// Whether a socket of this family can send to the address: it has the family, names a host, and has a port.
pub fn is_remote(address: &IpSocketAddress, family: p2::IpAddressFamily) -> bool {
    match (address, family) {
        (IpSocketAddress::Ipv4(to), p2::IpAddressFamily::Ipv4) => {
            to.address != (0, 0, 0, 0) && to.port != 0
        }
        (IpSocketAddress::Ipv6(to), p2::IpAddressFamily::Ipv6) => {
            let ip = ipv6(to.address);
            !ip.is_unspecified() && ip.to_ipv4_mapped().is_none() && to.port != 0
        }
        _ => false,
    }
}

fn ipv6((a, b, c, d, e, f, g, h): (u16, u16, u16, u16, u16, u16, u16, u16)) -> Ipv6Addr {
    Ipv6Addr::new(a, b, c, d, e, f, g, h)
}

/// Whether two addresses are the same place to send to.
pub fn same(a: &IpSocketAddress, b: &IpSocketAddress) -> bool {
    match (a, b) {
        (IpSocketAddress::Ipv4(a), IpSocketAddress::Ipv4(b)) => {
            a.port == b.port && a.address == b.address
        }
        (IpSocketAddress::Ipv6(a), IpSocketAddress::Ipv6(b)) => {
            a.port == b.port
                && a.address == b.address
                && a.flow_info == b.flow_info
                && a.scope_id == b.scope_id
        }
        _ => false,
    }
}
