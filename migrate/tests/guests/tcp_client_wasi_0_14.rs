//! Asks a whois server, on `wasi` 0.14: the address is given, a look-up of names is not needed.

use std::net::{IpAddr, SocketAddr};
use wasi::sockets::instance_network::instance_network;
use wasi::sockets::network::{
    ErrorCode, IpAddressFamily, IpSocketAddress, Ipv4SocketAddress, Ipv6SocketAddress, Network,
};
use wasi::sockets::tcp::TcpSocket;
use wasi::sockets::tcp_create_socket;

struct Whois;

wasi::cli::command::export!(Whois);

impl wasi::exports::cli::run::Guest for Whois {
    fn run() -> Result<(), ()> {
        let arguments = wasi::cli::environment::get_arguments();
        let [_, server, domain] = arguments.as_slice() else {
            eprintln!("usage: whois SERVER DOMAIN");
            return Err(());
        };
        let server: SocketAddr = server.parse().map_err(|error| eprintln!("{error}"))?;
        let network = instance_network();
        match ask(&network, server, domain) {
            Ok(answer) => {
                print!("{answer}");
                Ok(())
            }
            Err(ErrorCode::ConnectionRefused) => {
                eprintln!("nobody listens at {server}");
                Err(())
            }
            Err(error) => {
                eprintln!("{error:?}");
                Err(())
            }
        }
    }
}

fn address(of: SocketAddr) -> IpSocketAddress {
    match of.ip() {
        IpAddr::V4(ip) => {
            let [a, b, c, d] = ip.octets();
            IpSocketAddress::Ipv4(Ipv4SocketAddress { port: of.port(), address: (a, b, c, d) })
        }
        IpAddr::V6(ip) => {
            let [a, b, c, d, e, f, g, h] = ip.segments();
            IpSocketAddress::Ipv6(Ipv6SocketAddress {
                port: of.port(),
                flow_info: 0,
                address: (a, b, c, d, e, f, g, h),
                scope_id: 0,
            })
        }
    }
}

fn ask(network: &Network, server: SocketAddr, domain: &str) -> Result<String, ErrorCode> {
    let family = if server.is_ipv4() { IpAddressFamily::Ipv4 } else { IpAddressFamily::Ipv6 };
    let socket: TcpSocket = tcp_create_socket::create_tcp_socket(family)?;
    socket.set_keep_alive_enabled(true)?;
    let pollable = socket.subscribe();
    socket.start_connect(network, address(server))?;
    pollable.block();
    let (input, output) = socket.finish_connect()?;

    output
        .blocking_write_and_flush(format!("{domain}\r\n").as_bytes())
        .map_err(|_| ErrorCode::ConnectionReset)?;
    let mut answer = Vec::new();
    loop {
        match input.blocking_read(64 * 1024) {
            Ok(chunk) => answer.extend_from_slice(&chunk),
            Err(_) => break,
        }
    }
    println!("% from {:?}", socket.remote_address()?);
    Ok(String::from_utf8_lossy(&answer).into_owned())
}
