//! Begins things and gives them up, over and over. Whoever runs it lets it have few resources at once: if something stays
//! behind, it does not come to its end.

use compat_api::clocks::monotonic_clock;
use compat_api::exports::cli::run::Guest;
use compat_api::filesystem::preopens;
use compat_api::filesystem::types::{Descriptor, DescriptorFlags, OpenFlags, PathFlags};
use compat_api::sockets::ip_name_lookup::resolve_addresses;
use compat_api::sockets::types::{
    ErrorCode, IpAddressFamily, IpSocketAddress, Ipv4SocketAddress, TcpSocket, UdpSocket,
};
use compat_api::wit_bindgen::yield_async;
use compat_api::wit_stream;
use std::pin::pin;
use std::task::{Context, Waker};

struct GiveUp;

compat_api::cli::command::export!(GiveUp);

const TIMES: usize = 500;

impl Guest for GiveUp {
    async fn run() -> Result<(), ()> {
        let (directory, _) = preopens::get_directories().pop().ok_or(())?;
        for _ in 0..TIMES {
            files(&directory).await.map_err(|_| ())?;
            tcp().await.map_err(|_| ())?;
            udp().await.map_err(|_| ())?;
            begin(resolve_addresses("localhost".into()));
            begin(monotonic_clock::wait_until(u64::MAX));
            // Those who were let down have their turn.
            yield_async().await;
        }
        Ok(())
    }
}

/// Begins, and gives up at once.
fn begin(future: impl Future) {
    let mut future = pin!(future);
    let _ = future
        .as_mut()
        .poll(&mut Context::from_waker(Waker::noop()));
}

async fn files(directory: &Descriptor) -> Result<(), compat_api::filesystem::types::ErrorCode> {
    let flags = DescriptorFlags::READ | DescriptorFlags::WRITE;
    let file = directory
        .open_at(PathFlags::empty(), "file".into(), OpenFlags::CREATE, flags)
        .await?;
    let (mut data, reader) = wit_stream::new();
    let written = file.write_via_stream(reader, 0);
    data.write_all(b"some words".to_vec()).await;
    drop((data, written));
    let (mut content, ended) = file.read_via_stream(0);
    begin(content.read(Vec::with_capacity(1)));
    drop((content, ended));
    let (entries, ended) = directory.read_directory();
    drop((entries, ended));
    // Opened, perhaps, and nobody wants it.
    begin(directory.open_at(PathFlags::empty(), "file".into(), OpenFlags::empty(), flags));
    Ok(())
}

fn loopback(port: u16) -> IpSocketAddress {
    IpSocketAddress::Ipv4(Ipv4SocketAddress {
        port,
        address: (127, 0, 0, 1),
    })
}

fn port(address: IpSocketAddress) -> u16 {
    match address {
        IpSocketAddress::Ipv4(address) => address.port,
        IpSocketAddress::Ipv6(address) => address.port,
    }
}

async fn tcp() -> Result<(), ErrorCode> {
    let listener = TcpSocket::create(IpAddressFamily::Ipv4)?;
    listener.bind(loopback(0))?;
    let mut accepted = listener.listen()?;
    let port = port(listener.get_local_address()?);
    // Nobody comes.
    begin(accepted.next());
    // Nobody is awaited.
    let client = TcpSocket::create(IpAddressFamily::Ipv4)?;
    begin(client.connect(loopback(port)));
    drop(client);
    // Neither end says anything, nor waits for the other to.
    let client = TcpSocket::create(IpAddressFamily::Ipv4)?;
    client.connect(loopback(port)).await?;
    let server = accepted.next().await.ok_or(ErrorCode::InvalidState)?;
    let (mut received, ended) = server.receive();
    begin(received.read(Vec::with_capacity(1)));
    let (data, reader) = wit_stream::new();
    let sent = client.send(reader);
    drop((received, ended, data, sent));
    Ok(())
}

async fn udp() -> Result<(), ErrorCode> {
    let socket = UdpSocket::create(IpAddressFamily::Ipv4)?;
    socket.bind(loopback(0))?;
    begin(socket.receive());
    // Who is given up must not be in the way of those who come after.
    socket.connect(loopback(9))?;
    begin(socket.receive());
    socket.disconnect()?;
    begin(socket.send(vec![1], Some(loopback(9))));
    Ok(())
}
