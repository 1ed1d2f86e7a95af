use std::fmt::Debug;
use wasi::sockets::instance_network::instance_network;
use wasi::sockets::network::{ErrorCode, IpAddressFamily, IpSocketAddress, Network};
use wasi::sockets::tcp::TcpSocket;
use wasi::sockets::tcp_create_socket::create_tcp_socket;
use wasi::sockets::udp::UdpSocket;
use wasi::sockets::udp_create_socket;

fn connect(network: &Network, address: IpSocketAddress, question: &[u8]) -> Result<Vec<u8>, ErrorCode> {
    let socket = create_tcp_socket(IpAddressFamily::Ipv4)?;
    socket.start_connect(network, address)?;
    socket.subscribe().block();
    let (input, output) = socket.finish_connect()?;
    output.blocking_write_and_flush(question).unwrap();
    let mut answer = Vec::new();
    while let Ok(bytes) = input.blocking_read(4096) {
        answer.extend_from_slice(&bytes);
    }
    Ok(answer)
}

fn listen(address: IpSocketAddress) -> Result<TcpSocket, ErrorCode> {
    let network = instance_network();
    let socket = create_tcp_socket(IpAddressFamily::Ipv4)?;
    let pollable = socket.subscribe();
    socket.start_bind(&network, address)?;
    while let Err(ErrorCode::WouldBlock) = socket.finish_bind() {
        pollable.block();
    }
    Ok(socket)
}

fn bind(address: IpSocketAddress) -> Result<UdpSocket, ErrorCode> {
    let socket = udp_create_socket::create_udp_socket(IpAddressFamily::Ipv4)?;
    socket.start_bind(&instance_network(), address)?;
    socket.subscribe().block();
    socket.finish_bind().map(|()| socket)
}

fn ask(address: IpSocketAddress) -> Result<impl Debug, ErrorCode> {
    let network = instance_network();
    connect(&network, address, b"?")
}
