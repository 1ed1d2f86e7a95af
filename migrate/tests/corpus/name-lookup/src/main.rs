//! Looks up a name, tries one address after the other, and speaks a small protocol of lines.

use std::env;
use wasip2::io::poll::Pollable;
use wasip2::io::streams::{InputStream, OutputStream, StreamError};
use wasip2::sockets::instance_network::instance_network;
use wasip2::sockets::ip_name_lookup::{ResolveAddressStream, resolve_addresses};
use wasip2::sockets::network::*;
use wasip2::sockets::tcp::TcpSocket;
use wasip2::sockets::tcp_create_socket::create_tcp_socket;

/// Repeats a call that would block, waiting before each time.
macro_rules! blocking {
    ($pollable:expr, $call:expr) => {
        loop {
            match $call {
                Err(ErrorCode::WouldBlock) => $pollable.block(),
                other => break other,
            }
        }
    };
}

struct Addresses {
    stream: ResolveAddressStream,
    ready: Pollable,
}

impl Addresses {
    fn of(network: &Network, name: &str) -> Result<Self, ErrorCode> {
        let stream = resolve_addresses(network, name)?;
        let ready = stream.subscribe();
        Ok(Self { stream, ready })
    }

    fn next(&mut self) -> Result<Option<IpAddress>, ErrorCode> {
        blocking!(self.ready, self.stream.resolve_next_address())
    }

    fn all(&mut self) -> Result<Vec<IpAddress>, ErrorCode> {
        let mut all = Vec::new();
        while let Some(address) = self.next()? {
            all.push(address);
        }
        Ok(all)
    }
}

struct Line {
    input: InputStream,
    output: OutputStream,
    socket: TcpSocket,
}

impl Line {
    fn connect(network: &Network, address: IpAddress, port: u16) -> Result<Line, ErrorCode> {
        let (family, remote) = match address {
            IpAddress::Ipv4(address) => (IpAddressFamily::Ipv4, IpSocketAddress::Ipv4(Ipv4SocketAddress { port, address })),
            IpAddress::Ipv6(address) => (
                IpAddressFamily::Ipv6,
                IpSocketAddress::Ipv6(Ipv6SocketAddress { port, address, flow_info: 0, scope_id: 0 }),
            ),
        };
        let socket = create_tcp_socket(family)?;
        socket.set_keep_alive_enabled(true).ok();
        socket.start_connect(network, remote)?;
        let (input, output) = blocking!(socket.subscribe(), socket.finish_connect())?;
        Ok(Line { input, output, socket })
    }

    fn ask(&self, question: &str) -> Result<String, StreamError> {
        self.output.blocking_write_and_flush(format!("{question}\r\n").as_bytes())?;
        let mut answer = vec![];
        while !answer.ends_with(b"\n") {
            match self.input.blocking_read(1) {
                Ok(bytes) => answer.extend(bytes),
                Err(StreamError::Closed) => break,
                Err(e) => return Err(e),
            }
        }
        Ok(String::from_utf8_lossy(&answer).trim().to_string())
    }
}

fn first_that_connects(network: &Network, addresses: &[IpAddress], port: u16) -> Option<Line> {
    for address in addresses {
        match Line::connect(network, *address, port) {
            Ok(line) => return Some(line),
            Err(code) => eprintln!("{address:?}: {code:?}"),
        }
    }
    None
}

fn main() {
    let mut arguments = env::args().skip(1);
    let (Some(name), Some(port)) = (arguments.next(), arguments.next().and_then(|port| port.parse().ok())) else {
        eprintln!("give a name and a port");
        return;
    };
    let network = instance_network();
    let found = Addresses::of(&network, &name).and_then(|mut addresses| addresses.all());
    let addresses = found.unwrap_or_else(|code| {
        eprintln!("{name}: {code:?}");
        Vec::new()
    });
    if let Some(line) = first_that_connects(&network, &addresses, port) {
        println!("{}", line.socket.remote_address().is_ok());
        let answers: Result<Vec<_>, _> = arguments.map(|question| line.ask(&question)).collect();
        match answers {
            Ok(answers) => answers.iter().for_each(|answer| println!("{answer}")),
            Err(error) => eprintln!("{error}"),
        }
    }
}
