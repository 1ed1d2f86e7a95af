use wasi::sockets::ip_name_lookup;
use wasi::sockets::network::{ErrorCode, IpAddress, Network};

fn first(network: &Network, name: &str) -> Option<IpAddress> {
    let addresses = ip_name_lookup::resolve_addresses(network, name).ok()?;
    addresses.subscribe().block();
    addresses.resolve_next_address().unwrap()
}

fn all(network: &Network, name: String) -> Result<Vec<IpAddress>, ErrorCode> {
    let addresses = ip_name_lookup::resolve_addresses(network, &name)?;
    let mut found = Vec::new();
    while let Some(address) = addresses.resolve_next_address()? {
        found.push(address);
    }
    Ok(found)
}
