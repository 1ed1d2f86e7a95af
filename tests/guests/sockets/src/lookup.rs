//! Looking up names, as far as that needs nobody else.

use super::Report;
use compat_api::sockets::ip_name_lookup::resolve_addresses;
use compat_api::sockets::types::IpAddress;

pub async fn check(report: &mut Report) {
    for name in ["127.0.0.1", "::1", "0:0::1", "", "a name", "["] {
        let found = resolve_addresses(name.into()).await;
        report.line(&format!("look up `{name}`"), found);
    }
    let local = resolve_addresses("localhost".into()).await;
    let local = local.map(|found| {
        found.iter().all(|address| match address {
            IpAddress::Ipv4(address) => address.0 == 127,
            IpAddress::Ipv6(address) => *address == (0, 0, 0, 0, 0, 0, 0, 1),
        }) && !found.is_empty()
    });
    report.line("look up `localhost`", local);
}
