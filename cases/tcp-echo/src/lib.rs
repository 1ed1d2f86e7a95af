//! A TCP server that sends back what it receives, over any number of connections at once. It says where it listens in its
//! first line, and ends after as many connections as it is told, or never.

use compat_api::cli::{environment, stdout};
use compat_api::exports::cli::run::Guest;
use compat_api::sockets::types::{
    ErrorCode, IpAddressFamily, IpSocketAddress, Ipv4SocketAddress, TcpSocket,
};
use compat_api::wit_bindgen::spawn_local;
use compat_api::wit_stream;

struct TcpEcho;

compat_api::cli::command::export!(TcpEcho);

impl Guest for TcpEcho {
    async fn run() -> Result<(), ()> {
        let arguments = environment::get_arguments();
        let connections = arguments.get(1).map(|number| number.parse());
        let connections = connections.transpose().map_err(|_| ())?;
        serve(connections).await.map_err(|_| ())
    }
}

/// `connections`: how many are served before the server ends; `None`: it never does.
async fn serve(connections: Option<usize>) -> Result<(), ErrorCode> {
    let listener = TcpSocket::create(IpAddressFamily::Ipv4)?;
    listener.bind(IpSocketAddress::Ipv4(Ipv4SocketAddress {
        port: 0,
        address: (127, 0, 0, 1),
    }))?;
    let mut accepted = listener.listen()?;
    let IpSocketAddress::Ipv4(address) = listener.get_local_address()? else {
        return Err(ErrorCode::InvalidState);
    };
    say(format!("127.0.0.1:{}\n", address.port)).await;

    let mut echoes = Vec::new();
    while connections != Some(echoes.len()) {
        let Some(connection) = accepted.next().await else {
            break;
        };
        let echo = spawn_local(echo(connection));
        // A server that never ends does not ask how it went.
        if connections.is_some() {
            echoes.push(echo);
        }
    }
    for echo in echoes {
        echo.await.unwrap_or(Ok(()))?;
    }
    Ok(())
}

/// What comes in goes out: the stream is only passed on.
async fn echo(connection: TcpSocket) -> Result<(), ErrorCode> {
    let (received, read) = connection.receive();
    connection.send(received).await?;
    read.await
}

async fn say(line: String) {
    let (mut out, lines) = wit_stream::new();
    let written = stdout::write_via_stream(lines);
    out.write_all(line.into_bytes()).await;
    drop(out);
    // Whoever started us has closed the other end: they know the port already.
    let _ = written.await;
}
