//! Checks the head of a request (RFC 9112, 3 and 6; RFC 9113, 8.3) and completes its URI.

use super::body::request_body;
use crate::http::{remove_nominated, unknown_coding};
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode, Uri, Version, header};
use hyper::body::Incoming;
use std::net::{Ipv6Addr, SocketAddr};
use std::time::Duration;
use wasmtime_wasi_http::WasiBody;

/// Why a request is not given to a guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) why: &'static str,
}

/// The request in the component's form: with scheme and authority in its URI, as in HTTP/2 but not in HTTP/1.1.
///
/// # Errors
/// If the request is invalid, or not supported by this server.
pub(super) fn accept(
    request: Request<Incoming>,
    local: Option<SocketAddr>,
    timeout: Duration,
) -> Result<Request<WasiBody>, Refusal> {
    let (mut parts, body) = request.into_parts();
    if unknown_coding(&parts.headers).is_some() {
        let why = "the only transfer coding that this server knows is `chunked`";
        return Err(refuse(StatusCode::NOT_IMPLEMENTED, why));
    }
    if parts.method == Method::CONNECT {
        let why = "this server opens no tunnels";
        return Err(refuse(StatusCode::NOT_IMPLEMENTED, why));
    }
    let host = host(&parts.headers, parts.version)?;
    let target = parts.uri.into_parts();
    let asterisk = target
        .path_and_query
        .as_ref()
        .is_some_and(|path| path == "*");
    if asterisk && parts.method != Method::OPTIONS {
        return Err(bad("`*` is a target of OPTIONS only"));
    }
    let authority = match (target.scheme, target.authority) {
        (Some(scheme), Some(authority)) => {
            check_scheme(&scheme, parts.version)?;
            let authority = valid(authority).ok_or(bad("the target names no valid host"))?;
            let differs =
                |host: &Authority| !host.as_str().eq_ignore_ascii_case(authority.as_str());
            // In HTTP/1 the target counts.
            if parts.version >= Version::HTTP_2 && host.as_ref().is_some_and(differs) {
                return Err(bad("`host` is not the target's host"));
            }
            authority
        }
        (None, Some(_)) => return Err(bad("a host alone is a target of CONNECT only")),
        (_, None) => match host {
            Some(host) => host,
            // HTTP/1.0 does not require `host`.
            None if parts.version <= Version::HTTP_10 => local
                .and_then(|local| local.to_string().parse().ok())
                .ok_or(bad("the request names no host"))?,
            None => return Err(bad("the request names no host")),
        },
    };
    let mut uri = http::uri::Parts::default();
    uri.scheme = Some(Scheme::HTTP);
    uri.authority = Some(authority);
    let path = target.path_and_query;
    uri.path_and_query = path.or_else(|| Some(PathAndQuery::from_static("/")));
    parts.uri = Uri::from_parts(uri).map_err(|_| bad("the target is no valid URI"))?;
    if parts.version < Version::HTTP_2 {
        remove_nominated(&mut parts.headers);
    }
    Ok(Request::from_parts(parts, request_body(body, timeout)))
}

/// The value of `host`, if the field appears as often as it may.
fn host(headers: &HeaderMap, version: Version) -> Result<Option<Authority>, Refusal> {
    let mut lines = headers.get_all(header::HOST).iter();
    let host = match lines.next() {
        Some(host) => Some(authority(host).ok_or(bad("`host` is not a valid host"))?),
        None if version == Version::HTTP_11 => return Err(bad("the request has no `host`")),
        None => None,
    };
    match lines.next() {
        Some(_) => Err(bad("the request has more than one `host`")),
        None => Ok(host),
    }
}

/// A server without TLS has no authority for other schemes (RFC 9110, 7.4). But a gateway that terminates TLS sends `https` in
/// HTTP/2, where every request has a scheme.
fn check_scheme(scheme: &Scheme, version: Version) -> Result<(), Refusal> {
    let served =
        *scheme == Scheme::HTTP || (*scheme == Scheme::HTTPS && version >= Version::HTTP_2);
    if served {
        return Ok(());
    }
    let why = "this server answers for `http` only";
    Err(refuse(StatusCode::MISDIRECTED_REQUEST, why))
}

fn authority(host: &HeaderValue) -> Option<Authority> {
    valid(Authority::try_from(host.as_bytes()).ok()?)
}

/// The authority if it is a host with or without a port. The type also accepts user names, empty and malformed hosts, and
/// invalid ports.
fn valid(authority: Authority) -> Option<Authority> {
    let text = authority.as_str();
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => {
            let (address, port) = rest.split_once(']')?;
            address.parse::<Ipv6Addr>().ok()?;
            (address, port)
        }
        None => text.split_at(text.find(':').unwrap_or(text.len())),
    };
    let port_is_valid = match port.strip_prefix(':') {
        Some("") => true,
        Some(port) => port.bytes().all(|b| b.is_ascii_digit()) && port.parse::<u16>().is_ok(),
        None => port.is_empty(),
    };
    // Escapes are not among them: the type accepts no `%` here.
    let is_of_name = |b: u8| b.is_ascii_alphanumeric() || b"-._~!$&'()*+,;=".contains(&b);
    let host_is_valid = text.starts_with('[') || host.bytes().all(is_of_name);
    let valid = !host.is_empty() && host_is_valid && port_is_valid;
    valid.then_some(authority)
}

fn bad(why: &'static str) -> Refusal {
    refuse(StatusCode::BAD_REQUEST, why)
}

fn refuse(status: StatusCode, why: &'static str) -> Refusal {
    Refusal { status, why }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_is_a_name_or_an_address_and_may_have_a_port() {
        let is_valid = |host: &str| authority(&HeaderValue::from_str(host).unwrap()).is_some();
        for host in [
            "a",
            "a.b:80",
            "a:",
            "127.0.0.1:8080",
            "[::1]",
            "[::1]:80",
            "a_b",
            "xn--a",
        ] {
            assert!(is_valid(host), "{host}");
        }
        for host in [
            "", "u@h", "u:p@h", "@h", "a b", "a/b", "a?b", "a#b", "http://a", "a:b", "a:99999",
            "a:80:80", ":80", "[::1", "[zz]", "[::1]a", "a%2", "a%20b", "a\\b", "a<b",
        ] {
            assert!(!is_valid(host), "{host}");
        }
    }
}
