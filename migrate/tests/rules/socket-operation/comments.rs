use wasi::sockets::network::{ErrorCode, IpSocketAddress, Network};
use wasi::sockets::tcp::TcpSocket;

fn f(socket: TcpSocket, network: &Network, address: IpSocketAddress) -> Result<(), ErrorCode> {
    // First the address.
    socket.start_bind(network, address)?; // start_bind(network, address)
    // Then wait.
    socket.subscribe().block();
    /* done? */ socket.finish_bind()?; // socket.finish_bind()
    Ok(())
}

fn g(socket: &TcpSocket, network: &Network, addresses: &[IpSocketAddress]) {
    for address in addresses {
        // In two functions.
        socket.start_bind(network, *address).unwrap();
    }
}
