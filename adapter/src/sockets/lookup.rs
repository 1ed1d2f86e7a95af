//! `wasi:sockets/ip-name-lookup`.

use super::{address, error, network};
use crate::Adapter;
use crate::bindings::p2::sockets::ip_name_lookup as p2;
use crate::bindings::p2::sockets::network::ErrorCode as P2;
use crate::bindings::p3::sockets::ip_name_lookup::{ErrorCode, Guest};
use crate::bindings::p3::sockets::types::IpAddress;
use polyfill_guest::pollable;

impl Guest for Adapter {
    async fn resolve_addresses(name: String) -> Result<Vec<IpAddress>, ErrorCode> {
        let found = network::with(|network| p2::resolve_addresses(network, &name))
            .map_err(error::lookup)?;
        let mut addresses = Vec::new();
        loop {
            match found.resolve_next_address() {
                Ok(Some(address)) => addresses.push(address::ip_from_p2(address)),
                Ok(None) => break,
                Err(P2::WouldBlock) => pollable!(found.subscribe()).await,
                Err(code) => return Err(error::lookup(code)),
            }
        }
        if addresses.is_empty() {
            Err(ErrorCode::NameUnresolvable)
        } else {
            Ok(addresses)
        }
    }
}
