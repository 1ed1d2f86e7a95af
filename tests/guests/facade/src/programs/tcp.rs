//! TCP: states, addresses and what goes over connections.

use super::report::Report;
use crate::p2::io::poll::Pollable;
use crate::p2::io::streams::{InputStream, OutputStream, StreamError};
use crate::p2::sockets::instance_network::instance_network;
use crate::p2::sockets::ip_name_lookup::resolve_addresses;
use crate::p2::sockets::network::{
    ErrorCode, IpAddress, IpAddressFamily, IpSocketAddress, Ipv4SocketAddress,
};
use crate::p2::sockets::tcp::{ShutdownType, TcpSocket};
use crate::p2::sockets::tcp_create_socket::create_tcp_socket;

pub fn loopback(port: u16) -> IpSocketAddress {
    v4((127, 0, 0, 1), port)
}

pub fn v4(address: (u8, u8, u8, u8), port: u16) -> IpSocketAddress {
    IpSocketAddress::Ipv4(Ipv4SocketAddress { port, address })
}

/// Without the port, which is another each time.
pub fn host(address: IpSocketAddress) -> String {
    match address {
        IpSocketAddress::Ipv4(address) => format!("{:?}", address.address),
        IpSocketAddress::Ipv6(address) => format!("{:?}", address.address),
    }
}

pub fn port(address: IpSocketAddress) -> u16 {
    match address {
        IpSocketAddress::Ipv4(address) => address.port,
        IpSocketAddress::Ipv6(address) => address.port,
    }
}

/// What a socket says of itself.
fn state(socket: &TcpSocket) -> (Result<String, ErrorCode>, Result<String, ErrorCode>, bool) {
    (
        socket.local_address().map(host),
        socket.remote_address().map(host),
        socket.is_listening(),
    )
}

fn create() -> TcpSocket {
    create_tcp_socket(IpAddressFamily::Ipv4).expect("a socket")
}

/// Both ends of a connection. The streams are dropped before their sockets, as 0.2 wants it.
struct End {
    input: InputStream,
    output: OutputStream,
    socket: TcpSocket,
}

waiting! {
    pub fn check(report: &mut Report) {
        wait!(states(report));
        wait!(both_ways(report));
        wait!(gone(report));
        wait!(a_lot(report));
        wait!(shut_down(report));
        options(report);
        wait!(names(report));
    }

    fn listen() -> (TcpSocket, u16) {
        let socket = create();
        let network = instance_network();
        socket.start_bind(&network, loopback(0)).expect("a free port");
        wait!(socket.subscribe().block());
        socket.finish_bind().expect("a free port");
        socket.start_listen().expect("it listens");
        wait!(socket.subscribe().block());
        socket.finish_listen().expect("it listens");
        let port = port(socket.local_address().expect("it is bound"));
        (socket, port)
    }

    /// Calls until it does not answer that it would block.
    fn connect(socket: &TcpSocket) -> Result<(InputStream, OutputStream), ErrorCode> {
        let ready: Pollable = socket.subscribe();
        loop {
            match socket.finish_connect() {
                Err(ErrorCode::WouldBlock) => wait!(ready.block()),
                result => return result,
            }
        }
    }

    fn accept(socket: &TcpSocket) -> End {
        let ready = socket.subscribe();
        loop {
            match socket.accept() {
                Err(ErrorCode::WouldBlock) => wait!(ready.block()),
                result => {
                    let (socket, input, output) = result.expect("a connection");
                    return End { input, output, socket };
                }
            }
        }
    }

    fn pair() -> (End, End) {
        let (listener, port) = wait!(listen());
        let socket = create();
        socket.start_connect(&instance_network(), loopback(port)).expect("it is an address");
        let (input, output) = wait!(connect(&socket)).expect("a connection");
        (End { input, output, socket }, wait!(accept(&listener)))
    }

    fn states(report: &mut Report) {
        let network = instance_network();
        let socket = create();
        report.line("a new socket", state(&socket));
        report.line("of family", socket.address_family());
        report.line("finish what has not begun", (
            socket.finish_bind(),
            socket.finish_connect().map(drop),
            socket.finish_listen(),
        ));
        report.line("accept", socket.accept().map(drop));
        report.line("listen unbound", socket.start_listen());
        report.line("shut down unconnected", socket.shutdown(ShutdownType::Both));
        report.line("bind to another's address", socket.start_bind(&network, v4((192, 0, 2, 1), 0)).and_then(|()| socket.finish_bind()));
        let socket = create();
        report.line("bind", socket.start_bind(&network, loopback(0)));
        report.line("bind while binding", socket.start_bind(&network, loopback(0)));
        report.line("bound", socket.finish_bind());
        report.line("which is", state(&socket));
        report.line("bind twice", socket.start_bind(&network, loopback(0)));
        report.line("listen", socket.start_listen());
        report.line("listens", socket.finish_listen());
        report.line("which is", state(&socket));
        report.line("nobody calls", socket.accept().map(drop));
        report.line("connect", socket.start_connect(&network, loopback(9)));
        let other = create();
        let taken = socket.local_address().expect("it is bound");
        report.line("bind to a port in use", other.start_bind(&network, taken).and_then(|()| other.finish_bind()));
        report.line("connect to any address", create().start_connect(&network, v4((0, 0, 0, 0), 9)));
        report.line("connect to port 0", create().start_connect(&network, loopback(0)));

        let (gone, port) = wait!(listen());
        drop(gone);
        let socket = create();
        report.line("connect", socket.start_connect(&network, loopback(port)));
        report.line("twice", socket.start_connect(&network, loopback(port)));
        report.line("refused", wait!(connect(&socket)).map(drop));
        report.line("finished twice", socket.finish_connect().map(drop));
        report.line("in words", ErrorCode::ConnectionRefused.to_string());
    }

    fn both_ways(report: &mut Report) {
        let (client, server) = wait!(pair());
        report.line("a connection", state(&client.socket));
        report.line("its other end", state(&server.socket));
        report.line("connect again", client.socket.start_connect(&instance_network(), loopback(9)));
        report.line("nothing has come", server.input.read(10));
        report.line("send", wait!(client.output.blocking_write_and_flush(b"ping")));
        report.line("received", wait!(server.input.blocking_read(100)));
        report.line("send back", wait!(server.output.blocking_write_and_flush(b"pong")));
        wait!(client.input.subscribe().block());
        report.line("received", client.input.read(2));
        report.line("the rest", client.input.read(100));
        // Not flushed: it must not be lost.
        wait!(server.output.subscribe().block());
        report.line("say goodbye", server.output.write(b"bye"));
        let End { input, output, socket } = server;
        drop(output);
        drop(input);
        drop(socket);
        report.line("received", wait!(client.input.blocking_read(100)));
        report.line("and no more", wait!(client.input.blocking_read(100)));
    }

    /// Nobody is at the other end any more.
    fn gone(report: &mut Report) {
        let (client, server) = wait!(pair());
        drop(server);
        let mut tries = 0;
        while tries < 10_000 && wait!(client.output.blocking_write_and_flush(&[b'x'; 4096])).is_ok() {
            tries += 1;
        }
        report.line("writing fails", tries < 10_000);
        report.line("closed", client.output.check_write());
    }

    fn a_lot(report: &mut Report) {
        let (client, server) = wait!(pair());
        let sent: Vec<u8> = (0..1_000_000_u32).map(|at| (at % 251) as u8).collect();
        let (mut rest, mut received) = (&sent[..], Vec::new());
        // One loop for both ends, as in programs without tasks.
        let (writable, readable) = (client.output.subscribe(), server.input.subscribe());
        while received.len() < sent.len() {
            let ready = if rest.is_empty() {
                wait!(readable.block());
                vec![1]
            } else {
                wait!(crate::p2::io::poll::poll(&[&writable, &readable]))
            };
            if ready.contains(&0) {
                let permit = client.output.check_write().expect("it is open").min(rest.len() as u64);
                client.output.write(&rest[..permit as usize]).expect("it is open");
                rest = &rest[permit as usize..];
            }
            if ready.contains(&1) {
                received.extend(server.input.read(100_000).expect("it is open"));
            }
        }
        report.line("a lot is the same", received == sent);
        drop((writable, readable));
    }

    fn shut_down(report: &mut Report) {
        let (client, server) = wait!(pair());
        report.line("send", wait!(client.output.blocking_write_and_flush(b"last")));
        report.line("shut down", client.socket.shutdown(ShutdownType::Send));
        report.line("closed", client.output.check_write());
        report.line("received", wait!(server.input.blocking_read(100)));
        report.line("and no more", wait!(server.input.blocking_read(100)));
        report.line("the other half goes on", wait!(server.output.blocking_write_and_flush(b"still")));
        report.line("received", wait!(client.input.blocking_read(100)));
        report.line("shut down", client.socket.shutdown(ShutdownType::Receive));
        report.line("closed", matches!(wait!(client.input.blocking_read(1)), Err(StreamError::Closed)));
    }

    fn names(report: &mut Report) {
        let network = instance_network();
        for name in ["127.0.0.1", "::1", "localhost"] {
            let addresses = resolve_addresses(&network, name).expect("it is a name");
            let mut found = Vec::new();
            let end = loop {
                match addresses.resolve_next_address() {
                    Ok(Some(address)) => found.push(address),
                    Err(ErrorCode::WouldBlock) => wait!(addresses.subscribe().block()),
                    other => break other,
                }
            };
            let own = |address: &IpAddress| match address {
                IpAddress::Ipv4(address) => address.0 == 127,
                IpAddress::Ipv6(address) => *address == (0, 0, 0, 0, 0, 0, 0, 1),
            };
            report.line(name, (found.iter().all(own), found.is_empty(), end));
        }
        report.line("no name", resolve_addresses(&network, "a name").map(drop));
        report.line("nothing", resolve_addresses(&network, "").map(drop));
    }
}

fn options(report: &mut Report) {
    let socket = create();
    let second = 1_000_000_000;
    report.line(
        "backlog",
        (
            socket.set_listen_backlog_size(0),
            socket.set_listen_backlog_size(5),
        ),
    );
    report.line("keep alive", socket.keep_alive_enabled());
    report.line("set it", socket.set_keep_alive_enabled(true));
    report.line("which is", socket.keep_alive_enabled());
    report.line(
        "idle time",
        (
            socket.set_keep_alive_idle_time(0),
            socket.set_keep_alive_idle_time(10 * second),
        ),
    );
    report.line("which is", socket.keep_alive_idle_time());
    report.line(
        "interval",
        (
            socket.set_keep_alive_interval(0),
            socket.set_keep_alive_interval(10 * second),
        ),
    );
    report.line("which is", socket.keep_alive_interval());
    report.line(
        "count",
        (
            socket.set_keep_alive_count(0),
            socket.set_keep_alive_count(7),
        ),
    );
    report.line("which is", socket.keep_alive_count());
    report.line(
        "hop limit",
        (socket.set_hop_limit(0), socket.set_hop_limit(42)),
    );
    report.line("which is", socket.hop_limit());
    report.line(
        "receive buffer",
        (
            socket.set_receive_buffer_size(0),
            socket.set_receive_buffer_size(65536),
        ),
    );
    report.line(
        "which is there",
        socket.receive_buffer_size().map(|size| size >= 65536),
    );
    report.line(
        "send buffer",
        (
            socket.set_send_buffer_size(0),
            socket.set_send_buffer_size(65536),
        ),
    );
    report.line(
        "which is there",
        socket.send_buffer_size().map(|size| size >= 65536),
    );
}
