//! UDP.

use super::Report;
use super::address::{host, loopback, loopback6, port, v4};
use compat_api::sockets::types::{IpAddressFamily, UdpSocket};
use compat_api::wit_bindgen::spawn_local;
use std::rc::Rc;

fn create() -> UdpSocket {
    UdpSocket::create(IpAddressFamily::Ipv4).expect("a socket")
}

fn bound() -> (UdpSocket, u16) {
    let socket = create();
    socket.bind(loopback(0)).expect("a free port");
    let port = port(&socket.get_local_address().expect("it is bound"));
    (socket, port)
}

pub async fn check(report: &mut Report) {
    states(report).await;
    misuse(report).await;
    datagrams(report).await;
    connected(report).await;
    options(report);
}

async fn states(report: &mut Report) {
    let socket = create();
    report.line("a new UDP socket", socket.get_local_address().map(host));
    report.line("connected to", socket.get_remote_address().map(host));
    report.line("of family", socket.get_address_family());
    report.line("receive unbound", socket.receive().await.map(drop));
    report.line("disconnect unconnected", socket.disconnect());
    report.line("bind to the other family", socket.bind(loopback6(0)));
    report.line(
        "bind to somebody else's address",
        socket.bind(v4(192, 0, 2, 1, 0)),
    );
    let (_taken, port) = bound();
    report.line("bind to a port in use", socket.bind(loopback(port)));
    report.line("bind", socket.bind(loopback(0)));
    report.line("which is bound", socket.get_local_address().map(host));
    report.line("bind again", socket.bind(loopback(0)));
}

async fn misuse(report: &mut Report) {
    let socket = create();
    let send = |to| socket.send(b"x".to_vec(), to);
    report.line("send to nobody", send(None).await);
    report.line("send to the other family", send(Some(loopback6(9))).await);
    report.line("send to any address", send(Some(v4(0, 0, 0, 0, 9))).await);
    report.line("send to port 0", send(Some(loopback(0))).await);
    report.line(
        "none of which has bound it",
        socket.get_local_address().map(host),
    );
    report.line("connect to the other family", socket.connect(loopback6(9)));
    report.line("connect to any address", socket.connect(v4(0, 0, 0, 0, 9)));
    report.line("connect to port 0", socket.connect(loopback(0)));
    let (_other, port) = bound();
    let large = socket.send(vec![0; 65_508], Some(loopback(port))).await;
    report.line("send more than fits", large);
}

async fn datagrams(report: &mut Report) {
    let (a, a_port) = bound();
    let (b, b_port) = bound();
    report.line(
        "send",
        a.send(b"one".to_vec(), Some(loopback(b_port))).await,
    );
    report.line("send nothing", a.send(vec![], Some(loopback(b_port))).await);
    for _ in 0..2 {
        let (data, from) = b.receive().await.expect("a datagram");
        report.line("receive", (data, port(&from) == a_port));
    }
    let unbound = create();
    report.line(
        "send unbound",
        unbound.send(b"x".to_vec(), Some(loopback(b_port))).await,
    );
    let has_port = unbound
        .get_local_address()
        .map(|address| port(&address) != 0);
    report.line("which has bound it", has_port);
    report.line("and arrives", b.receive().await.map(|(data, _)| data));

    // One waits before anything is sent.
    let b = Rc::new(b);
    let waiting = spawn_local({
        let b = b.clone();
        async move { b.receive().await.map(|(data, _)| data) }
    });
    compat_api::wit_bindgen::yield_async().await;
    a.send(b"late".to_vec(), Some(loopback(b_port)))
        .await
        .expect("sent");
    report.line("who waits is told", waiting.await);
}

async fn connected(report: &mut Report) {
    let (a, a_port) = bound();
    let (b, b_port) = bound();
    let (c, c_port) = bound();
    report.line("connect", a.connect(loopback(b_port)));
    report.line(
        "which is connected",
        a.get_remote_address().map(|to| port(&to) == b_port),
    );
    report.line(
        "send to whom it is connected",
        a.send(b"1".to_vec(), None).await,
    );
    let send = a.send(b"2".to_vec(), Some(loopback(b_port))).await;
    report.line("send to the same, named", send);
    let send = a.send(b"3".to_vec(), Some(loopback(c_port))).await;
    report.line("send to another", send);
    report.line("the first", b.receive().await.map(|(data, _)| data));
    report.line("the second", b.receive().await.map(|(data, _)| data));

    // Only from whom it is connected to.
    c.send(b"stray".to_vec(), Some(loopback(a_port)))
        .await
        .expect("sent");
    b.send(b"wanted".to_vec(), Some(loopback(a_port)))
        .await
        .expect("sent");
    report.line(
        "what comes from others is left out",
        a.receive().await.map(|(data, _)| data),
    );

    report.line("connect elsewhere", a.connect(loopback(c_port)));
    report.line("send there", a.send(b"4".to_vec(), None).await);
    report.line("which arrives", c.receive().await.map(|(data, _)| data));
    report.line("disconnect", a.disconnect());
    report.line("which is connected to", a.get_remote_address().map(host));
    report.line("disconnect again", a.disconnect());
    report.line("send to nobody again", a.send(b"5".to_vec(), None).await);
    let send = a.send(b"6".to_vec(), Some(loopback(b_port))).await;
    report.line("send to anybody again", send);
    report.line("which arrives too", b.receive().await.map(|(data, _)| data));
}

fn options(report: &mut Report) {
    let socket = create();
    report.line("hop limit of 0", socket.set_unicast_hop_limit(0));
    report.line("of 42", socket.set_unicast_hop_limit(42));
    report.line("which is so", socket.get_unicast_hop_limit());
    report.line("receive buffer of 0", socket.set_receive_buffer_size(0));
    report.line("of 64 KiB", socket.set_receive_buffer_size(65536));
    report.line(
        "which is there",
        socket.get_receive_buffer_size().map(|size| size >= 65536),
    );
    report.line("send buffer of 0", socket.set_send_buffer_size(0));
    report.line("of 64 KiB", socket.set_send_buffer_size(65536));
    report.line(
        "which is there",
        socket.get_send_buffer_size().map(|size| size >= 65536),
    );
}
