//! Sends datagrams to itself, with the streams of datagrams in a struct and a window that is kept by hand.

use std::collections::VecDeque;
use std::process::ExitCode;
use wasip2::io::poll::{self, Pollable};
use wasip2::sockets::instance_network;
use wasip2::sockets::network::{ErrorCode, IpAddressFamily, IpSocketAddress, Ipv4SocketAddress};
use wasip2::sockets::udp::{IncomingDatagramStream, OutgoingDatagram, OutgoingDatagramStream, UdpSocket};
use wasip2::sockets::udp_create_socket;

struct Peer {
    incoming: IncomingDatagramStream,
    outgoing: OutgoingDatagramStream,
    address: IpSocketAddress,
    queue: VecDeque<OutgoingDatagram>,
    _socket: UdpSocket,
}

/// Waits until something that would have blocked is done.
fn until_done<T>(
    ready: &Pollable,
    mut step: impl FnMut() -> Result<T, ErrorCode>,
) -> Result<T, ErrorCode> {
    loop {
        match step() {
            Err(ErrorCode::WouldBlock) => ready.block(),
            other => break other,
        }
    }
}

impl Peer {
    fn open() -> Result<Self, ErrorCode> {
        let network = instance_network::instance_network();
        let socket = udp_create_socket::create_udp_socket(IpAddressFamily::Ipv4)?;
        let any = IpSocketAddress::Ipv4(Ipv4SocketAddress {
            port: 0,
            address: (127, 0, 0, 1),
        });
        socket.start_bind(&network, any)?;
        let ready = socket.subscribe();
        until_done(&ready, || socket.finish_bind())?;
        let address = socket.local_address()?;
        let (incoming, outgoing) = socket.stream(None)?;
        drop(ready);
        Ok(Peer {
            incoming,
            outgoing,
            address,
            queue: VecDeque::new(),
            _socket: socket,
        })
    }

    fn queue(&mut self, to: IpSocketAddress, data: &[u8]) -> &mut Self {
        self.queue.push_back(OutgoingDatagram {
            data: data.to_vec(),
            remote_address: Some(to),
        });
        self
    }

    /// Sends what is queued, as many at once as there is room for.
    fn flush(&mut self) -> Result<u64, ErrorCode> {
        let mut sent = 0;
        while !self.queue.is_empty() {
            let ready = self.outgoing.subscribe();
            ready.block();
            let room = self.outgoing.check_send()?;
            let count = (room as usize).min(self.queue.len());
            let batch: Vec<OutgoingDatagram> = self.queue.drain(..count).collect();
            sent += self.outgoing.send(&batch)?;
        }
        Ok(sent)
    }

    /// What has come within so many nanoseconds.
    fn receive(&self, wanted: usize, timeout: u64) -> Result<Vec<Vec<u8>>, ErrorCode> {
        let timer = wasip2::clocks::monotonic_clock::subscribe_duration(timeout);
        let readable = self.incoming.subscribe();
        let mut all = vec![];
        while all.len() < wanted {
            let ready = poll::poll(&[&readable, &timer]);
            if ready.contains(&0) {
                let datagrams = self.incoming.receive(16)?;
                all.extend(datagrams.into_iter().map(|datagram| datagram.data));
            } else if ready.contains(&1) {
                break;
            }
        }
        Ok(all)
    }
}

fn exchange() -> Result<(u64, Vec<Vec<u8>>), ErrorCode> {
    let (mut a, b) = (Peer::open()?, Peer::open()?);
    let sent = a
        .queue(b.address, b"one")
        .queue(b.address, b"two")
        .queue(b.address, b"three")
        .flush()?;
    Ok((sent, b.receive(3, 1_000_000_000)?))
}

fn main() -> ExitCode {
    match exchange() {
        Ok((sent, received)) => {
            println!("sent {sent}");
            for data in received {
                println!("{}", String::from_utf8_lossy(&data));
            }
            ExitCode::SUCCESS
        }
        Err(code) => {
            eprintln!("{code:?}");
            ExitCode::FAILURE
        }
    }
}
