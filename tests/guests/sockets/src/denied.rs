//! What a program sees that may use no network.

use super::Report;
use super::address::loopback;
use compat_api::sockets::ip_name_lookup::resolve_addresses;
use compat_api::sockets::types::{IpAddressFamily, TcpSocket, UdpSocket};

pub async fn check(report: &mut Report) {
    let socket = TcpSocket::create(IpAddressFamily::Ipv4).expect("a socket");
    report.line("bind", socket.bind(loopback(0)));
    report.line("connect", socket.connect(loopback(9)).await);
    let socket = TcpSocket::create(IpAddressFamily::Ipv4).expect("a socket");
    report.outcome("listen", socket.listen());
    let socket = UdpSocket::create(IpAddressFamily::Ipv4).expect("a socket");
    report.line("bind UDP", socket.bind(loopback(0)));
    report.line("send UDP", socket.send(vec![1], Some(loopback(9))).await);
    report.line("connect UDP", socket.connect(loopback(9)));
    let found = resolve_addresses("localhost".into()).await;
    report.line("look up `localhost`", found.is_err());
}
