//! Tells the time to whoever connects (RFC 868), with the bindings of `wit_bindgen::generate!`.

wit_bindgen::generate!({
    inline: "
        package test:time-server;
        world time-server {
            include wasi:cli/command@0.2.0;
        }
    ",
    path: "wit",
    generate_all,
});

use exports::wasi::cli::run::Guest;
use wasi::clocks::wall_clock;
use wasi::sockets::instance_network::instance_network;
use wasi::sockets::network::{ErrorCode, IpAddressFamily, IpSocketAddress, Ipv4SocketAddress};
use wasi::sockets::tcp::TcpSocket;
use wasi::sockets::tcp_create_socket::create_tcp_socket;

/// Seconds from 1900 to 1970.
const SINCE_1900: u64 = 2_208_988_800;

struct TimeServer;

export!(TimeServer);

impl Guest for TimeServer {
    fn run() -> Result<(), ()> {
        let listener = listener(37).map_err(|error| eprintln!("can't listen: {error:?}"))?;
        serve(listener).map_err(|error| eprintln!("stopped: {error:?}"))
    }
}

fn listener(port: u16) -> Result<TcpSocket, ErrorCode> {
    let network = instance_network();
    let socket = create_tcp_socket(IpAddressFamily::Ipv4)?;
    let any = IpSocketAddress::Ipv4(Ipv4SocketAddress { port, address: (0, 0, 0, 0) });
    socket.start_bind(&network, any)?;
    while let Err(ErrorCode::WouldBlock) = socket.finish_bind() {
        socket.subscribe().block();
    }
    socket.set_listen_backlog_size(8)?;
    Ok(socket)
}

fn serve(listener: TcpSocket) -> Result<(), ErrorCode> {
    let ready = listener.subscribe();
    listener.start_listen()?;
    ready.block();
    listener.finish_listen()?;
    loop {
        match listener.accept() {
            Ok((client, _input, output)) => {
                let now = wall_clock::now().seconds + SINCE_1900;
                if output.blocking_write_and_flush(&(now as u32).to_be_bytes()).is_err() {
                    eprintln!("{:?} went away", client.remote_address());
                }
            }
            Err(ErrorCode::WouldBlock) => {
                ready.block();
            }
            Err(error) => return Err(error),
        }
    }
}
