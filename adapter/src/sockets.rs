//! `wasi:sockets`.

mod address;
mod error;
mod lookup;
mod network;
mod tcp;
mod udp;

use crate::Adapter;
use crate::bindings::p3::sockets::types::{self, ErrorCode};

impl types::Guest for Adapter {
    type TcpSocket = tcp::TcpSocket;
    type UdpSocket = udp::UdpSocket;
}

/// No option may be 0. Not every 0.2 host says so, or before all else.
fn not_zero(value: u64) -> Result<(), ErrorCode> {
    match value {
        0 => Err(ErrorCode::InvalidArgument),
        _ => Ok(()),
    }
}
