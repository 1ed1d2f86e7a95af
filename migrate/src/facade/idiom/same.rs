//! What of the facade is the same in 0.3: its own items, which the facade passes on, and functions that differ in name only.

use crate::moves::moves;
use crate::rust::{camel, kebab, snake};
use crate::wit::wasi::definition_0_2;

/// Types and functions of 0.2 that 0.3 has too, with the same signature, maybe under another name. A test compares it with the facade.
const SAME: [&str; 38] = [
    "wasi:cli/environment.get-arguments",
    "wasi:cli/environment.get-environment",
    "wasi:cli/environment.initial-cwd",
    "wasi:cli/exit.exit",
    "wasi:cli/exit.exit-with-code",
    "wasi:cli/terminal-input.terminal-input",
    "wasi:cli/terminal-output.terminal-output",
    "wasi:cli/terminal-stderr.get-terminal-stderr",
    "wasi:cli/terminal-stdin.get-terminal-stdin",
    "wasi:cli/terminal-stdout.get-terminal-stdout",
    "wasi:clocks/monotonic-clock.duration",
    "wasi:clocks/monotonic-clock.instant",
    "wasi:clocks/monotonic-clock.now",
    "wasi:clocks/monotonic-clock.resolution",
    "wasi:filesystem/types.advice",
    "wasi:filesystem/types.descriptor-flags",
    "wasi:filesystem/types.filesize",
    "wasi:filesystem/types.link-count",
    "wasi:filesystem/types.metadata-hash-value",
    "wasi:filesystem/types.open-flags",
    "wasi:filesystem/types.path-flags",
    "wasi:http/types.DNS-error-payload",
    "wasi:http/types.TLS-alert-received-payload",
    "wasi:http/types.error-code",
    "wasi:http/types.field-size-payload",
    "wasi:http/types.method",
    "wasi:http/types.scheme",
    "wasi:http/types.status-code",
    "wasi:random/insecure-seed.insecure-seed",
    "wasi:random/insecure.get-insecure-random-u64",
    "wasi:random/random.get-random-u64",
    "wasi:sockets/network.ip-address",
    "wasi:sockets/network.ip-address-family",
    "wasi:sockets/network.ip-socket-address",
    "wasi:sockets/network.ipv4-address",
    "wasi:sockets/network.ipv4-socket-address",
    "wasi:sockets/network.ipv6-address",
    "wasi:sockets/network.ipv6-socket-address",
];

/// The name in 0.2 as the table has it, of the item that defines it.
fn defined(interface: &str, item: &str) -> String {
    let (interface, item) = definition_0_2(interface, item);
    let item = match item {
        "dns-error-payload" => "DNS-error-payload",
        "tls-alert-received-payload" => "TLS-alert-received-payload",
        item => item,
    };
    format!("{interface}.{item}")
}

/// Whether an item of 0.2 (`wasi:http/types.error-code.internal-error`) is the same in 0.3.
pub fn is_same(item: &str) -> bool {
    let Some((interface, rest)) = item.split_once('.') else {
        return false;
    };
    let first = rest.split('.').next().unwrap_or(rest);
    SAME.contains(&defined(interface, first).as_str())
}

/// The path in 0.3 of a path into the facade, both without what leads to them: `sockets::network::IpAddress` is `sockets::types::IpAddress`.
pub fn same(path: &[String]) -> Option<Vec<String>> {
    let [package, interface, item, rest @ ..] = path else {
        return None;
    };
    let name = defined(
        &format!("wasi:{}/{}", kebab(package), kebab(interface)),
        &kebab(item),
    );
    if !SAME.contains(&name.as_str()) {
        return None;
    }
    let target = moves().target(&name)?;
    let (interface, new) = target.trim_start_matches("wasi:").split_once('.')?;
    let (package, interface) = interface.split_once('/')?;
    let own = name.split_once('.')?.1;
    let new = match new == own {
        true => item.clone(),
        false if item.starts_with(char::is_uppercase) => camel(new),
        false => snake(new),
    };
    let path = [snake(package), snake(interface), new];
    Some(path.into_iter().chain(rest.iter().cloned()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> Vec<String> {
        text.split("::").map(str::to_owned).collect()
    }

    #[test]
    fn paths() {
        for (old, new) in [
            ("http::types::Method::Get", "http::types::Method::Get"),
            (
                "http::outgoing_handler::ErrorCode",
                "http::types::ErrorCode",
            ),
            (
                "http::types::DnsErrorPayload",
                "http::types::DnsErrorPayload",
            ),
            (
                "sockets::tcp::IpSocketAddress",
                "sockets::types::IpSocketAddress",
            ),
            (
                "clocks::monotonic_clock::resolution",
                "clocks::monotonic_clock::get_resolution",
            ),
            (
                "clocks::monotonic_clock::Instant",
                "clocks::monotonic_clock::Mark",
            ),
            (
                "cli::environment::get_arguments",
                "cli::environment::get_arguments",
            ),
        ] {
            assert_eq!(same(&path(old)), Some(path(new)), "{old}");
        }
        for other in [
            "http::types::Fields",
            "io::streams::InputStream",
            "sockets::network::ErrorCode",
            "random::random::get_random_bytes",
            "http::types",
        ] {
            assert_eq!(same(&path(other)), None, "{other}");
        }
    }

    /// Each type that the facade passes on as it is in 0.3 is in the list.
    #[test]
    fn the_list_is_the_facades() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../compat-api/src/p2");
        // A package of this program alone has no facade beside it.
        if !folder.is_dir() {
            return;
        }
        let mut seen = 0;
        for (file, module) in [
            ("cli.rs", "cli"),
            ("filesystem.rs", "filesystem"),
            ("http.rs", "http"),
            ("random.rs", "random"),
            ("sockets.rs", "sockets"),
        ] {
            let text = std::fs::read_to_string(folder.join(file)).unwrap();
            for found in text.split(&format!("pub use crate::{module}::")).skip(1) {
                let list = &found[..found.find(';').unwrap()];
                let (of, names) = list.split_once("::").unwrap_or(("", list));
                for name in names.trim_matches(['{', '}', '\n', ' ']).split(',') {
                    let (name, interface) = (
                        name.trim(),
                        if file == "sockets.rs" { "network" } else { of },
                    );
                    if !name.is_empty() && !of.is_empty() {
                        seen += 1;
                        let path = path(&format!("{module}::{interface}::{name}"));
                        assert!(same(&path).is_some(), "{path:?}");
                    }
                }
            }
        }
        assert!(seen > 20, "{seen}");
    }
}
