//! The hosts that guests may reach.

use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::str::FromStr;

/// The hosts that guests may reach: all of them unless a list is given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outbound {
    allowed: Option<Vec<Target>>,
}

impl Outbound {
    /// Every host.
    pub fn any() -> Self {
        Self { allowed: None }
    }

    /// Only these; with an empty list none.
    pub fn only(targets: impl IntoIterator<Item = Target>) -> Self {
        Self {
            allowed: Some(targets.into_iter().collect()),
        }
    }

    /// Whether every host is allowed.
    pub fn is_any(&self) -> bool {
        self.allowed.is_none()
    }

    /// Whether an HTTP request may go to `host`, a name or an address as it stands in the URL.
    pub fn allows(&self, host: &str, port: u16) -> bool {
        let Some(allowed) = &self.allowed else {
            return true;
        };
        let host = host.strip_prefix('[').unwrap_or(host);
        let host = host.strip_suffix(']').unwrap_or(host);
        match host.parse::<IpAddr>() {
            Ok(address) => self.allows_address(SocketAddr::new(address, port)),
            Err(_) => allowed.iter().any(|target| target.is_name(host, port)),
        }
    }

    /// Whether a socket may connect or send to `address`. Targets given by name do not count here: other servers may share the
    /// address of a name.
    pub fn allows_address(&self, address: SocketAddr) -> bool {
        match &self.allowed {
            None => true,
            Some(allowed) => allowed.iter().any(|target| target.is_address(address)),
        }
    }
}

/// One entry of the list: `HOST[:PORT]`. The host is a name, an address (IPv6 in brackets if a
/// port follows), `*.` and a domain for all names below it, or `*` for any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    host: Host,
    port: Option<u16>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Host {
    Any,
    Name(String),
    Below(String),
    Address(IpAddr),
}

impl Target {
    fn has_port(&self, port: u16) -> bool {
        self.port.is_none_or(|own| own == port)
    }

    fn is_name(&self, name: &str, port: u16) -> bool {
        let name = name.strip_suffix('.').unwrap_or(name);
        self.has_port(port)
            && match &self.host {
                Host::Any => true,
                Host::Name(own) => own.eq_ignore_ascii_case(name),
                Host::Below(domain) => name
                    .len()
                    .checked_sub(domain.len())
                    .filter(|&below| below > 1 && name.is_char_boundary(below))
                    .is_some_and(|below| {
                        let (head, tail) = name.split_at(below);
                        head.ends_with('.') && tail.eq_ignore_ascii_case(domain)
                    }),
                Host::Address(_) => false,
            }
    }

    fn is_address(&self, address: SocketAddr) -> bool {
        self.has_port(address.port())
            && match &self.host {
                Host::Any => true,
                // `::ffff:127.0.0.1` reaches the same host as `127.0.0.1`.
                Host::Address(own) => own.to_canonical() == address.ip().to_canonical(),
                Host::Name(_) | Host::Below(_) => false,
            }
    }
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text.contains('/') {
            return Err("expected `HOST` or `HOST:PORT`, without scheme or path".to_owned());
        }
        // An IPv6 address has colons of its own: a port follows it only after brackets.
        let (host, port) = match text.parse::<IpAddr>() {
            Ok(_) => (text, None),
            Err(_) => match text.rsplit_once(':') {
                Some((host, port)) if !port.contains(']') => (host, Some(port)),
                _ => (text, None),
            },
        };
        let port = match port {
            None => None,
            Some(port) => Some(
                port.parse()
                    .map_err(|_| format!("`{port}` is no port number"))?,
            ),
        };
        let bare = host
            .strip_prefix('[')
            .and_then(|host| host.strip_suffix(']'))
            .unwrap_or(host);
        let host = if host == "*" {
            Host::Any
        } else if let Ok(address) = bare.parse() {
            Host::Address(address)
        } else if let Some(domain) = host.strip_prefix("*.") {
            Host::Below(check_name(domain)?)
        } else {
            Host::Name(check_name(host)?)
        };
        Ok(Self { host, port })
    }
}

fn check_name(name: &str) -> Result<String, String> {
    let labels_fit = name.split('.').all(|label| {
        !label.is_empty()
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
    });
    if labels_fit {
        Ok(name.to_owned())
    } else {
        Err(format!("`{name}` is no host name"))
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.host {
            Host::Any => f.write_str("*")?,
            Host::Name(name) => f.write_str(name)?,
            Host::Below(domain) => write!(f, "*.{domain}")?,
            Host::Address(IpAddr::V6(address)) if self.port.is_some() => write!(f, "[{address}]")?,
            Host::Address(address) => write!(f, "{address}")?,
        }
        match self.port {
            Some(port) => write!(f, ":{port}"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn only(targets: &[&str]) -> Outbound {
        Outbound::only(targets.iter().map(|target| target.parse().unwrap()))
    }

    #[test]
    fn without_a_list_all_is_allowed() {
        assert!(Outbound::any().allows("example.com", 443));
        assert!(Outbound::any().allows_address("1.2.3.4:5".parse().unwrap()));
        assert!(!only(&[]).allows("example.com", 443));
    }

    #[test]
    fn names_match_whole() {
        let list = only(&["Example.com", "api.test:8443", "*.inner.test"]);
        assert!(list.allows("example.com", 80));
        assert!(list.allows("EXAMPLE.com.", 443));
        assert!(!list.allows("evil-example.com", 80));
        assert!(!list.allows("www.example.com", 80));
        assert!(list.allows("api.test", 8443));
        assert!(!list.allows("api.test", 443));
        assert!(list.allows("a.inner.test", 1));
        assert!(list.allows("a.b.inner.test", 1));
        assert!(!list.allows("inner.test", 1));
        assert!(!list.allows(".inner.test", 1));
        assert!(!list.allows("xinner.test", 1));
        assert!(!list.allows("äinner.test", 1));
    }

    #[test]
    fn addresses_match_in_any_notation() {
        let list = only(&["127.0.0.1:80", "[::1]:81", "::2"]);
        assert!(list.allows("127.0.0.1", 80));
        assert!(!list.allows("127.0.0.1", 81));
        assert!(list.allows("[::1]", 81));
        assert!(list.allows("[0:0::1]", 81));
        assert!(list.allows("[::2]", 9));
        assert!(list.allows_address("[::ffff:127.0.0.1]:80".parse().unwrap()));
        assert!(!list.allows("localhost", 80));
        assert!(!only(&["localhost"]).allows("127.0.0.1", 80));
    }

    #[test]
    fn what_is_no_target_is_refused() {
        for text in [
            "http://example.com",
            "a b",
            "",
            "a..b",
            "host:99999",
            "host:",
            "*x.test",
        ] {
            assert!(text.parse::<Target>().is_err(), "{text}");
        }
        for text in ["*", "*.a.test:1", "a.test", "::1", "[::1]:80", "1.2.3.4:80"] {
            assert_eq!(text.parse::<Target>().unwrap().to_string(), text);
        }
    }
}
