//! Which values are well-formed: judged here, before a host of WASI 0.2 sees them, since hosts judge differently. The rules are
//! those that hosts of WASI 0.3 have.

use std::borrow::Cow;

/// The longest name of a field.
const LONGEST_NAME: usize = u16::MAX as usize;

/// The longest path with its query.
const LONGEST_PATH: usize = u16::MAX as usize - 1;

/// The longest scheme.
const LONGEST_SCHEME: usize = 64;

/// Colons in the host of an authority, and one before the port.
const MOST_COLONS: usize = 8;

/// `token` of RFC 9110, section 5.6.2.
pub fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| {
            byte.is_ascii_alphanumeric()
                || matches!(
                    byte,
                    b'!' | b'#'
                        ..=b'\'' | b'*' | b'+' | b'-' | b'.' | b'^' | b'_' | b'`' | b'|' | b'~'
                )
        })
}

/// The name of a field.
pub fn is_field_name(name: &str) -> bool {
    name.len() <= LONGEST_NAME && is_token(name)
}

/// Fields of the connection, which are the host's own.
pub fn is_forbidden(name: &str) -> bool {
    // The shortest has four letters, and the lengths leave few to compare with.
    let candidates: &[&str] = match name.len() {
        4 => &["host"],
        7 => &["upgrade"],
        10 => &["connection", "keep-alive"],
        14 => &["http2-settings"],
        16 => &["proxy-connection"],
        17 => &["transfer-encoding"],
        18 => &["proxy-authenticate"],
        19 => &["proxy-authorization"],
        _ => &[],
    };
    candidates
        .iter()
        .any(|other| name.eq_ignore_ascii_case(other))
}

/// Whether the field says how long the body is.
pub fn is_content_length(name: &str) -> bool {
    name.eq_ignore_ascii_case("content-length")
}

/// The value of a field as it is kept, if it is one: a length is written without needless zeros.
pub fn field_value<'a>(name: &str, value: &'a [u8]) -> Option<Cow<'a, [u8]>> {
    if is_content_length(name) {
        let length = content_length(value)?.to_string().into_bytes();
        return Some(Cow::Owned(length));
    }
    let is_valid = value
        .iter()
        .all(|byte| matches!(byte, b'\t' | b' '..=b'~' | 0x80..));
    is_valid.then_some(Cow::Borrowed(value))
}

/// What the value of `content-length` says: `1*DIGIT`.
pub fn content_length(value: &[u8]) -> Option<u64> {
    let text = std::str::from_utf8(value).ok()?;
    let is_number = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| is_number)
}

/// A scheme beside those that have names.
pub fn is_scheme(scheme: &str) -> bool {
    scheme.len() <= LONGEST_SCHEME
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.' | b'~'))
}

/// The path with its query as it is kept, if it is one: absolute, or a query alone; without a fragment.
pub fn path_with_query(mut path: String) -> Option<String> {
    if path.len() > LONGEST_PATH {
        return None;
    }
    if !(path.is_empty() || path.starts_with(['/', '?'])) {
        return None;
    }
    let mut is_query = false;
    let mut end = path.len();
    for (at, byte) in path.bytes().enumerate() {
        match byte {
            b'#' => {
                end = at;
                break;
            }
            b'?' => is_query = true,
            // RFC 3986 wants these encoded, but clients send them as they are.
            b'"' if !is_query => {}
            b'`' if is_query => {}
            b'!' | b'$'..=b';' | b'=' | b'@'..=b'_' | b'a'..=b'~' | 0x80.. => {}
            _ => return None,
        }
    }
    path.truncate(end);
    if path.is_empty() {
        path.push('/');
    }
    Some(path)
}

/// Whether it is an authority: a host, maybe with a user before it and a port behind it.
pub fn is_authority(authority: &str) -> bool {
    let after_host = authority.rfind(']').unwrap_or(0);
    let has_port = authority[after_host..].contains(':');
    is_host(authority) && (!has_port || port(authority).is_some())
}

fn port(authority: &str) -> Option<u16> {
    let (_, port) = authority.rsplit_once(':')?;
    port.parse().ok()
}

/// Everything of an authority but whether its port is a number.
fn is_host(authority: &str) -> bool {
    // What was seen since the user ended, if there is one.
    let (mut colons, mut percent) = (0, false);
    let (mut opened, mut closed) = (false, false);
    for byte in authority.bytes() {
        match byte {
            // In names of users, and in zones of addresses.
            b'%' => percent = true,
            b':' if colons == MOST_COLONS => return false,
            b':' => colons += 1,
            b'[' if percent || opened => return false,
            b'[' => opened = true,
            b']' if !opened || closed => return false,
            b']' => (closed, colons, percent) = (true, 0, false),
            b'@' => (colons, percent) = (0, false),
            b'!'
            | b'$'
            | b'&'..=b'.'
            | b'0'..=b'9'
            | b';'
            | b'='
            | b'A'..=b'Z'
            | b'_'
            | b'a'..=b'z'
            | b'~' => {}
            _ => return false,
        }
    }
    !authority.is_empty()
        && opened == closed
        && colons <= 1
        && !percent
        && !authority.ends_with('@')
}
