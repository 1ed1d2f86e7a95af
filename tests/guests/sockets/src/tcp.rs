//! TCP: states, and addresses that can't be used.

use super::Report;
use super::address::{host, loopback, loopback6, port, v4, v6};
use compat_api::sockets::types::{ErrorCode, IpAddressFamily, TcpSocket};
use compat_api::wit_bindgen::StreamReader;
use compat_api::wit_stream;

pub fn create() -> TcpSocket {
    TcpSocket::create(IpAddressFamily::Ipv4).expect("a socket")
}

/// A socket that listens, its port, and what comes in.
pub fn listen() -> (TcpSocket, u16, StreamReader<TcpSocket>) {
    let socket = create();
    socket.bind(loopback(0)).expect("a free port");
    let accepted = socket.listen().expect("it listens");
    let port = port(&socket.get_local_address().expect("it is bound"));
    (socket, port, accepted)
}

/// The state of a socket, as its answers tell it.
pub fn state(socket: &TcpSocket) -> (Result<String, ErrorCode>, Result<String, ErrorCode>, bool) {
    (
        socket.get_local_address().map(host),
        socket.get_remote_address().map(host),
        socket.get_is_listening(),
    )
}

pub async fn check(report: &mut Report) {
    unbound(report).await;
    bind(report);
    connect(report).await;
    listening(report).await;
}

async fn unbound(report: &mut Report) {
    let socket = create();
    report.line("a new socket", state(&socket));
    report.line("its family", socket.get_address_family());
    let six = TcpSocket::create(IpAddressFamily::Ipv6).expect("a socket");
    report.line("that of the other kind", six.get_address_family());
    let (data, reader) = wit_stream::new();
    report.line("send over an unconnected one", socket.send(reader).await);
    drop(data);
    let (data, ended) = socket.receive();
    report.line("receive from an unconnected one", data.collect().await);
    report.line("which ends", ended.await);
}

fn bind(report: &mut Report) {
    let (_listener, taken, _accepted) = listen();
    let socket = create();
    report.line("bind to the other family", socket.bind(loopback6(0)));
    report.line(
        "bind to a multicast address",
        socket.bind(v4(224, 0, 0, 1, 0)),
    );
    report.line(
        "bind to the broadcast address",
        socket.bind(v4(255, 255, 255, 255, 0)),
    );
    report.line(
        "bind to somebody else's address",
        socket.bind(v4(192, 0, 2, 1, 0)),
    );
    report.line("bind to a port in use", socket.bind(loopback(taken)));
    report.line("bind after all", socket.bind(loopback(0)));
    report.line("which is bound", state(&socket));
    let has_port = socket
        .get_local_address()
        .map(|address| port(&address) != 0);
    report.line("to a port", has_port);
    report.line("bind again", socket.bind(loopback(0)));

    let six = TcpSocket::create(IpAddressFamily::Ipv6).expect("a socket");
    let mapped = v6([0, 0, 0, 0, 0, 0xffff, 0x7f00, 1], 0);
    report.line("bind to an IPv4-mapped address", six.bind(mapped));
    report.line("bind IPv6 to IPv4", six.bind(loopback(0)));
}

async fn connect(report: &mut Report) {
    let socket = create();
    report.line(
        "connect to the other family",
        socket.connect(loopback6(80)).await,
    );
    report.line(
        "connect to any address",
        socket.connect(v4(0, 0, 0, 0, 80)).await,
    );
    report.line("connect to port 0", socket.connect(loopback(0)).await);
    report.line(
        "connect to a multicast address",
        socket.connect(v4(224, 0, 0, 1, 80)).await,
    );
    report.line("none of which has changed it", state(&socket));

    // A port that was free a moment ago.
    let free = {
        let socket = create();
        socket.bind(loopback(0)).expect("a free port");
        port(&socket.get_local_address().expect("it is bound"))
    };
    report.line(
        "connect where nobody listens",
        socket.connect(loopback(free)).await,
    );
    report.line(
        "connect again",
        socket.connect(loopback(free)).await.is_err(),
    );
    report.line("bind after that", socket.bind(loopback(0)).is_err());
    report.line("listen after that", socket.listen().is_err());

    let (_listener, port, mut accepted) = listen();
    let client = create();
    report.line("connect", client.connect(loopback(port)).await);
    report.line("which is connected", state(&client));
    report.line("connect once more", client.connect(loopback(port)).await);
    report.line("bind a connected one", client.bind(loopback(0)));
    report.outcome("listen on a connected one", client.listen());
    let server = accepted.next().await.expect("a connection");
    report.line("the other end", state(&server));
    let same = (
        client.get_local_address().map(host).ok() == server.get_remote_address().map(host).ok(),
        client
            .get_remote_address()
            .map(|address| super::address::port(&address))
            .ok()
            == Some(port),
    );
    report.line("which sees the same addresses", same);
}

async fn listening(report: &mut Report) {
    let (listener, port, accepted) = listen();
    report.line("a listening socket", state(&listener));
    report.outcome("listen again", listener.listen());
    report.line(
        "connect a listening one",
        listener.connect(loopback(port)).await,
    );
    report.line("bind a listening one", listener.bind(loopback(0)));
    let (data, reader) = wit_stream::new();
    report.line("send over a listening one", listener.send(reader).await);
    drop(data);

    // The stream listens as long as it is there, whatever becomes of the handle.
    drop(listener);
    let mut accepted = accepted;
    let client = create();
    report.line(
        "connect to a listener whose handle was dropped",
        client.connect(loopback(port)).await,
    );
    report.line("which accepts", accepted.next().await.is_some());
    drop(accepted);
    let late = create();
    report.line(
        "connect when the stream is dropped too",
        late.connect(loopback(port)).await,
    );

    let unbound = create();
    let accepted = unbound.listen();
    report.line("listen without having bound", accepted.is_ok());
    let bound = unbound
        .get_local_address()
        .map(|address| super::address::port(&address) != 0);
    report.line("binds to some port", bound);
}
