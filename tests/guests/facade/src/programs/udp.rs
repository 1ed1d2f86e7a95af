//! UDP.

use super::report::Report;
use super::tcp::{host, loopback, port, v4};
use crate::p2::sockets::instance_network::instance_network;
use crate::p2::sockets::network::IpAddressFamily;
use crate::p2::sockets::udp::{
    IncomingDatagram, IncomingDatagramStream, OutgoingDatagram, OutgoingDatagramStream, UdpSocket,
};
use crate::p2::sockets::udp_create_socket::create_udp_socket;

fn create() -> UdpSocket {
    create_udp_socket(IpAddressFamily::Ipv4).expect("a socket")
}

waiting! {
    pub fn check(report: &mut Report) {
        states(report);
        wait!(datagrams(report));
        wait!(connected(report));
        options(report);
    }

    fn bound() -> (UdpSocket, u16) {
        let socket = create();
        socket.start_bind(&instance_network(), loopback(0)).expect("a free port");
        wait!(socket.subscribe().block());
        socket.finish_bind().expect("a free port");
        let port = port(socket.local_address().expect("it is bound"));
        (socket, port)
    }

    fn receive(stream: &IncomingDatagramStream) -> Vec<IncomingDatagram> {
        loop {
            let datagrams = stream.receive(10).expect("it is open");
            if !datagrams.is_empty() {
                return datagrams;
            }
            wait!(stream.subscribe().block());
        }
    }

    fn send(stream: &OutgoingDatagramStream, datagrams: &[OutgoingDatagram]) {
        let mut rest = datagrams;
        while !rest.is_empty() {
            let permit = stream.check_send().expect("it is open").min(rest.len() as u64);
            if permit == 0 {
                wait!(stream.subscribe().block());
                continue;
            }
            let sent = stream.send(&rest[..permit as usize]).expect("it is sent");
            rest = &rest[sent as usize..];
        }
    }

    fn datagrams(report: &mut Report) {
        let ((one, one_port), (other, other_port)) = (wait!(bound()), wait!(bound()));
        let (one_in, one_out) = one.stream(None).expect("it is bound");
        let (other_in, other_out) = other.stream(None).expect("it is bound");
        report.line("nothing has come", other_in.receive(10).map(|datagrams| datagrams.len()));
        report.line("nothing is wanted", other_in.receive(0).map(|datagrams| datagrams.len()));
        let to = |port| move |data: &[u8]| OutgoingDatagram { data: data.to_vec(), remote_address: Some(loopback(port)) };
        wait!(send(&one_out, &[to(other_port)(b"ping")]));
        let come = wait!(receive(&other_in));
        report.line("ping", come.iter().map(|datagram| datagram.data.clone()).collect::<Vec<_>>());
        report.line("from there", port(come[0].remote_address) == one_port);
        wait!(send(&other_out, &[to(one_port)(b"pong")]));
        report.line("pong", wait!(receive(&one_in))[0].data.clone());
        let many: Vec<_> = (0..40_u8).map(|n| to(other_port)(&[n])).collect();
        wait!(send(&one_out, &many));
        let mut come = Vec::new();
        while come.len() < 40 {
            come.extend(wait!(receive(&other_in)).into_iter().map(|datagram| datagram.data[0]));
        }
        report.line("many", come == (0..40).collect::<Vec<_>>());
        report.line("permitted", one_out.check_send().map(|permit| permit > 1));
        report.line("none", one_out.send(&[]));
        report.line("to nobody", one_out.send(&[OutgoingDatagram { data: vec![1], remote_address: None }]));
        report.line("permitted", one_out.check_send().map(|permit| permit > 1));
        report.line("to any address", one_out.send(&[OutgoingDatagram { data: vec![1], remote_address: Some(v4((0, 0, 0, 0), 9)) }]));
    }

    fn connected(report: &mut Report) {
        let ((one, one_port), (other, other_port)) = (wait!(bound()), wait!(bound()));
        let (third, _) = wait!(bound());
        let (one_in, one_out) = one.stream(Some(loopback(other_port))).expect("an address");
        report.line("connected to", one.remote_address().map(host));
        let (other_in, other_out) = other.stream(Some(loopback(one_port))).expect("an address");
        let (_third_in, third_out) = third.stream(None).expect("it is bound");
        wait!(send(&third_out, &[OutgoingDatagram { data: vec![3], remote_address: Some(loopback(other_port)) }]));
        wait!(send(&one_out, &[OutgoingDatagram { data: vec![1], remote_address: None }]));
        report.line("of whom it is connected to", wait!(receive(&other_in))[0].data.clone());
        wait!(send(&other_out, &[OutgoingDatagram { data: vec![2], remote_address: Some(loopback(one_port)) }]));
        report.line("with the address", wait!(receive(&one_in))[0].data.clone());
    }
}

fn states(report: &mut Report) {
    let network = instance_network();
    let socket = create();
    report.line("a new socket", socket.local_address().map(host));
    report.line("connected to", socket.remote_address().map(host));
    report.line("of family", socket.address_family());
    report.line("finish what has not begun", socket.finish_bind());
    report.line("stream unbound", socket.stream(None).map(drop));
    report.line("bind", socket.start_bind(&network, loopback(0)));
    report.line(
        "bind while binding",
        socket.start_bind(&network, loopback(0)),
    );
    report.line("bound", socket.finish_bind());
    report.line("which is", socket.local_address().map(host));
    report.line("bind twice", socket.start_bind(&network, loopback(0)));
    report.line(
        "connect to any address",
        socket.stream(Some(v4((0, 0, 0, 0), 9))).map(drop),
    );
    report.line(
        "connect to port 0",
        socket.stream(Some(loopback(0))).map(drop),
    );
}

fn options(report: &mut Report) {
    let socket = create();
    report.line(
        "hop limit",
        (
            socket.set_unicast_hop_limit(0),
            socket.set_unicast_hop_limit(42),
        ),
    );
    report.line("which is", socket.unicast_hop_limit());
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
