//! Why something could not be done with a socket.

use crate::p2::bindings::error_code;
use crate::sockets::{ip_name_lookup, types as p3};

error_code! {
    /// Why something could not be done with a socket.
    Unknown = "unknown", "Unknown error";
    AccessDenied = "access-denied", "Access denied.\n\nPOSIX equivalent: EACCES, EPERM";
    NotSupported = "not-supported", "The operation is not supported.\n\nPOSIX equivalent: EOPNOTSUPP";
    InvalidArgument = "invalid-argument", "One of the arguments is invalid.\n\nPOSIX equivalent: EINVAL";
    OutOfMemory = "out-of-memory", "Not enough memory to complete the operation.\n\nPOSIX equivalent: ENOMEM, ENOBUFS, EAI_MEMORY";
    Timeout = "timeout", "The operation timed out before it could finish completely.";
    ConcurrencyConflict = "concurrency-conflict", "This operation is incompatible with another asynchronous operation that is already in progress.\n\nPOSIX equivalent: EALREADY";
    NotInProgress = "not-in-progress", "Trying to finish an asynchronous operation that:\n- has not been started yet, or:\n- was already finished by a previous `finish-*` call.\n\nNote: this is scheduled to be removed when `future`s are natively supported.";
    WouldBlock = "would-block", "The operation has been aborted because it could not be completed immediately.\n\nNote: this is scheduled to be removed when `future`s are natively supported.";
    InvalidState = "invalid-state", "The operation is not valid in the socket's current state.";
    NewSocketLimit = "new-socket-limit", "A new socket resource could not be created because of a system limit.";
    AddressNotBindable = "address-not-bindable", "A bind operation failed because the provided address is not an address that the `network` can bind to.";
    AddressInUse = "address-in-use", "A bind operation failed because the provided address is already in use or because there are no ephemeral ports available.";
    RemoteUnreachable = "remote-unreachable", "The remote address is not reachable";
    ConnectionRefused = "connection-refused", "The TCP connection was forcefully rejected";
    ConnectionReset = "connection-reset", "The TCP connection was reset.";
    ConnectionAborted = "connection-aborted", "A TCP connection was aborted.";
    DatagramTooLarge = "datagram-too-large", "The size of a datagram sent to a UDP socket exceeded the maximum\nsupported size.";
    NameUnresolvable = "name-unresolvable", "Name does not exist or has no suitable associated IP addresses.";
    TemporaryResolverFailure = "temporary-resolver-failure", "A temporary failure in name resolution occurred.";
    PermanentResolverFailure = "permanent-resolver-failure", "A permanent failure in name resolution occurred.";
}

/// 0.2 does not tell a broken connection from one that was reset, and calls other errors unknown.
impl From<p3::ErrorCode> for ErrorCode {
    fn from(code: p3::ErrorCode) -> Self {
        macro_rules! same {
            ($($case:ident)+) => {
                match code {
                    $(p3::ErrorCode::$case => ErrorCode::$case,)+
                    p3::ErrorCode::ConnectionBroken => ErrorCode::ConnectionReset,
                    p3::ErrorCode::Other(_) => ErrorCode::Unknown,
                }
            };
        }
        same! {
            AccessDenied NotSupported InvalidArgument OutOfMemory Timeout InvalidState AddressNotBindable AddressInUse
            RemoteUnreachable ConnectionRefused ConnectionReset ConnectionAborted DatagramTooLarge
        }
    }
}

/// 0.2 calls other errors unknown.
impl From<ip_name_lookup::ErrorCode> for ErrorCode {
    fn from(code: ip_name_lookup::ErrorCode) -> Self {
        use ip_name_lookup::ErrorCode as Lookup;
        match code {
            Lookup::AccessDenied => ErrorCode::AccessDenied,
            Lookup::InvalidArgument => ErrorCode::InvalidArgument,
            Lookup::NameUnresolvable => ErrorCode::NameUnresolvable,
            Lookup::TemporaryResolverFailure => ErrorCode::TemporaryResolverFailure,
            Lookup::PermanentResolverFailure => ErrorCode::PermanentResolverFailure,
            Lookup::Other(_) => ErrorCode::Unknown,
        }
    }
}
