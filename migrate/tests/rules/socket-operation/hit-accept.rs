use wasi::sockets::network::{ErrorCode, IpSocketAddress, Network};
use wasi::sockets::tcp::TcpSocket;

fn serve(socket: TcpSocket, network: Network, address: IpSocketAddress) -> Result<(), ErrorCode> {
    let pollable = socket.subscribe();
    socket.start_bind(&network, address)?;
    socket.finish_bind()?;
    socket.start_listen()?;
    socket.finish_listen()?;
    loop {
        match socket.accept() {
            Ok((_, input, output)) => {
                while let Ok(bytes) = input.blocking_read(1024) {
                    output.blocking_write_and_flush(&bytes).unwrap();
                }
            }
            Err(ErrorCode::WouldBlock) => pollable.block(),
            Err(error) => return Err(error),
        }
    }
}

fn greet(socket: TcpSocket) -> Result<(), ErrorCode> {
    socket.start_listen()?;
    socket.finish_listen()?;
    while let Ok((client, _input, output)) = socket.accept() {
        output.blocking_write_and_flush(b"hello\n").unwrap();
        println!("{:?}", client.remote_address());
    }
    Ok(())
}
