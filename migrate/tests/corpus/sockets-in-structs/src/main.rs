//! An echo server whose sockets and streams live in structs. Each connection is served to its end before the next one.

use std::fmt;
use wasip2::io::poll::Pollable;
use wasip2::io::streams::{InputStream, OutputStream, StreamError};
use wasip2::sockets::instance_network::instance_network;
use wasip2::sockets::network::{
    ErrorCode, IpAddressFamily, IpSocketAddress, Ipv4SocketAddress, Network,
};
use wasip2::sockets::tcp::{ShutdownType, TcpSocket};
use wasip2::sockets::tcp_create_socket::create_tcp_socket;

#[derive(Debug)]
enum Failure {
    Socket(ErrorCode),
    Stream(String),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Failure::Socket(code) => write!(f, "socket: {code:?}"),
            Failure::Stream(message) => write!(f, "stream: {message}"),
        }
    }
}

impl From<ErrorCode> for Failure {
    fn from(code: ErrorCode) -> Self {
        Failure::Socket(code)
    }
}

struct Listener {
    socket: TcpSocket,
    ready: Pollable,
    #[allow(dead_code)]
    network: Network,
}

impl Listener {
    fn bind(port: u16) -> Result<Self, Failure> {
        let network = instance_network();
        let socket = create_tcp_socket(IpAddressFamily::Ipv4)?;
        let ready = socket.subscribe();
        let address = IpSocketAddress::Ipv4(Ipv4SocketAddress {
            port,
            address: (127, 0, 0, 1),
        });
        socket.start_bind(&network, address)?;
        ready.block();
        socket.finish_bind()?;
        socket.start_listen()?;
        ready.block();
        socket.finish_listen()?;
        Ok(Self {
            socket,
            ready,
            network,
        })
    }

    fn accept(&self) -> Result<Connection, Failure> {
        loop {
            match self.socket.accept() {
                Ok((socket, input, output)) => return Ok(Connection::new(socket, input, output)),
                Err(ErrorCode::WouldBlock) => self.ready.block(),
                Err(code) => return Err(code.into()),
            }
        }
    }
}

struct Connection {
    socket: TcpSocket,
    input: Option<InputStream>,
    output: Option<OutputStream>,
    passed: usize,
}

impl Connection {
    fn new(socket: TcpSocket, input: InputStream, output: OutputStream) -> Self {
        Self {
            socket,
            input: Some(input),
            output: Some(output),
            passed: 0,
        }
    }

    fn read(&mut self) -> Result<Option<Vec<u8>>, Failure> {
        let Some(input) = &self.input else {
            return Ok(None);
        };
        match input.blocking_read(1024) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(StreamError::Closed) => {
                self.input = None;
                Ok(None)
            }
            Err(StreamError::LastOperationFailed(error)) => {
                Err(Failure::Stream(error.to_debug_string()))
            }
        }
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        if let Some(output) = self.output.as_ref() {
            for chunk in bytes.chunks(4096) {
                output
                    .blocking_write_and_flush(chunk)
                    .map_err(|error| Failure::Stream(format!("{error:?}")))?;
                self.passed += chunk.len();
            }
        }
        Ok(())
    }

    fn echo(mut self) -> Result<usize, Failure> {
        while let Some(bytes) = self.read()? {
            self.write(&bytes)?;
        }
        Ok(self.passed)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if let Some(output) = self.output.take() {
            let _ = output.blocking_flush();
        }
        self.input.take();
        let _ = self.socket.shutdown(ShutdownType::Both);
    }
}

fn main() -> Result<(), String> {
    let port = std::env::args()
        .nth(1)
        .and_then(|port| port.parse().ok())
        .unwrap_or(0);
    let listener = Listener::bind(port).map_err(|failure| failure.to_string())?;
    println!("{:?}", listener.socket.local_address());
    for _ in 0..3 {
        let connection = listener.accept().map_err(|failure| failure.to_string())?;
        match connection.echo() {
            Ok(passed) => println!("{passed} bytes"),
            Err(failure) => eprintln!("{failure}"),
        }
    }
    Ok(())
}
