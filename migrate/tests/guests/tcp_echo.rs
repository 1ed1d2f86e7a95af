//! A TCP echo server with the socket interfaces of 0.2.

use wasip2::sockets::instance_network::instance_network;
use wasip2::sockets::network::{ErrorCode, IpAddressFamily, IpSocketAddress, Ipv4SocketAddress};
use wasip2::sockets::tcp_create_socket::create_tcp_socket;

struct Server;

wasip2::cli::command::export!(Server);

impl wasip2::exports::cli::run::Guest for Server {
    fn run() -> Result<(), ()> {
        serve().map_err(|error| eprintln!("{error:?}"))
    }
}

fn serve() -> Result<(), ErrorCode> {
    let network = instance_network();
    let socket = create_tcp_socket(IpAddressFamily::Ipv4)?;
    let pollable = socket.subscribe();
    let address = IpSocketAddress::Ipv4(Ipv4SocketAddress { port: 7777, address: (127, 0, 0, 1) });
    socket.start_bind(&network, address)?;
    pollable.block();
    socket.finish_bind()?;
    socket.start_listen()?;
    pollable.block();
    socket.finish_listen()?;
    println!("listening on {:?}", socket.local_address()?);
    loop {
        pollable.block();
        let (_client, input, output) = socket.accept()?;
        while let Ok(bytes) = input.blocking_read(4096) {
            if output.blocking_write_and_flush(&bytes).is_err() {
                break;
            }
        }
    }
}
