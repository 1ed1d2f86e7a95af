use wasi::clocks::wall_clock::{self, Datetime};
use wasi::http::types as http;
use wasi::http::types::{IncomingRequest as Incoming, OutgoingRequest};
use wasi::io::poll::Pollable;
use wasi::sockets::{ip_name_lookup, tcp::TcpSocket, network::IpAddress};
use wasip2::random::insecure_seed;

fn f(a: &Incoming, b: OutgoingRequest, c: http::IncomingResponse, d: Datetime) -> http::Method {
    let _ = (wall_clock::now(), insecure_seed::insecure_seed());
    let method: wasi::http::types::Method = wasip2::http::types::Method::Get;
    method
}

fn g(socket: &TcpSocket) -> Vec<IpAddress> {
    ip_name_lookup::resolve_addresses(socket, "localhost")
}
