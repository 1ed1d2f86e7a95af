//! What went wrong, from 0.2 to 0.3.

use crate::bindings::p2::io::error::Error;
use crate::bindings::p2::io::streams::StreamError;
use crate::bindings::p2::sockets::network::ErrorCode as P2;
use crate::bindings::p3::sockets::ip_name_lookup::ErrorCode as Lookup;
use crate::bindings::p3::sockets::types::ErrorCode;

pub fn code(from: P2) -> ErrorCode {
    match from {
        P2::Unknown => ErrorCode::Other(None),
        P2::AccessDenied => ErrorCode::AccessDenied,
        P2::NotSupported => ErrorCode::NotSupported,
        P2::InvalidArgument => ErrorCode::InvalidArgument,
        P2::OutOfMemory => ErrorCode::OutOfMemory,
        P2::Timeout => ErrorCode::Timeout,
        // 0.3 does not tell these apart.
        P2::ConcurrencyConflict | P2::NotInProgress | P2::InvalidState => ErrorCode::InvalidState,
        P2::AddressNotBindable => ErrorCode::AddressNotBindable,
        P2::AddressInUse => ErrorCode::AddressInUse,
        P2::RemoteUnreachable => ErrorCode::RemoteUnreachable,
        P2::ConnectionRefused => ErrorCode::ConnectionRefused,
        P2::ConnectionReset => ErrorCode::ConnectionReset,
        P2::ConnectionAborted => ErrorCode::ConnectionAborted,
        P2::DatagramTooLarge => ErrorCode::DatagramTooLarge,
        // 0.3 has no codes for these.
        P2::WouldBlock => other("would-block"),
        P2::NewSocketLimit => other("new-socket-limit"),
        P2::NameUnresolvable => other("name-unresolvable"),
        P2::TemporaryResolverFailure => other("temporary-resolver-failure"),
        P2::PermanentResolverFailure => other("permanent-resolver-failure"),
    }
}

fn other(text: &str) -> ErrorCode {
    ErrorCode::Other(Some(text.into()))
}

/// Why a name could not be looked up.
pub fn lookup(from: P2) -> Lookup {
    match from {
        P2::AccessDenied => Lookup::AccessDenied,
        P2::InvalidArgument => Lookup::InvalidArgument,
        P2::NameUnresolvable => Lookup::NameUnresolvable,
        P2::TemporaryResolverFailure => Lookup::TemporaryResolverFailure,
        P2::PermanentResolverFailure => Lookup::PermanentResolverFailure,
        from => match code(from) {
            ErrorCode::Other(text) => Lookup::Other(text),
            code => Lookup::Other(Some(format!("{code:?}"))),
        },
    }
}

/// Why a connection could not be read.
pub fn of_input(from: StreamError) -> ErrorCode {
    match from {
        // The end, which is no error and not asked about here.
        StreamError::Closed => ErrorCode::InvalidState,
        StreamError::LastOperationFailed(error) => described(&error),
    }
}

/// Why a connection could not be written.
pub fn of_output(from: StreamError) -> ErrorCode {
    match from {
        StreamError::Closed => ErrorCode::ConnectionBroken,
        StreamError::LastOperationFailed(error) => described(&error),
    }
}

/// The codes that streams of a connection end with, and how hosts describe them, in lower case and without anything between
/// the words.
const DESCRIBED: [(&str, ErrorCode); 12] = [
    ("connectionreset", ErrorCode::ConnectionReset),
    ("econnreset", ErrorCode::ConnectionReset),
    ("connectionaborted", ErrorCode::ConnectionAborted),
    ("econnaborted", ErrorCode::ConnectionAborted),
    ("connectionrefused", ErrorCode::ConnectionRefused),
    ("brokenpipe", ErrorCode::ConnectionBroken),
    ("connectionbroken", ErrorCode::ConnectionBroken),
    ("epipe", ErrorCode::ConnectionBroken),
    ("unreachable", ErrorCode::RemoteUnreachable),
    ("timedout", ErrorCode::Timeout),
    ("timeout", ErrorCode::Timeout),
    ("accessdenied", ErrorCode::AccessDenied),
];

/// 0.2.0 says why a stream failed only in words.
fn described(error: &Error) -> ErrorCode {
    let text = error.to_debug_string();
    let words: String = text
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect();
    let known = DESCRIBED.iter().find(|(word, _)| words.contains(word));
    match known {
        Some((_, code)) => code.clone(),
        None => ErrorCode::Other(Some(text)),
    }
}
