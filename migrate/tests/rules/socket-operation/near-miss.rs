use wasi::sockets::tcp::TcpSocket;

struct Door;

impl Door {
    fn start_bind(&self, _: &str, _: u16) {}
    fn finish_bind(&self) {}
}

fn f(socket: &TcpSocket) {
    let door = Door;
    door.start_bind("a", 1);
    door.finish_bind();
    let _ = socket.set_hop_limit(3);
}
