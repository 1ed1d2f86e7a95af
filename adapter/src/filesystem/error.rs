//! What went wrong, from 0.2 to 0.3.

use crate::bindings::p2::filesystem::types::{ErrorCode as P2, filesystem_error_code};
use crate::bindings::p2::io::streams::StreamError;
use crate::bindings::p3::filesystem::types::ErrorCode;

pub fn code(from: P2) -> ErrorCode {
    match from {
        P2::Access => ErrorCode::Access,
        P2::Already => ErrorCode::Already,
        P2::BadDescriptor => ErrorCode::BadDescriptor,
        P2::Busy => ErrorCode::Busy,
        P2::Deadlock => ErrorCode::Deadlock,
        P2::Quota => ErrorCode::Quota,
        P2::Exist => ErrorCode::Exist,
        P2::FileTooLarge => ErrorCode::FileTooLarge,
        P2::IllegalByteSequence => ErrorCode::IllegalByteSequence,
        P2::InProgress => ErrorCode::InProgress,
        P2::Interrupted => ErrorCode::Interrupted,
        P2::Invalid => ErrorCode::Invalid,
        P2::Io => ErrorCode::Io,
        P2::IsDirectory => ErrorCode::IsDirectory,
        P2::Loop => ErrorCode::Loop,
        P2::TooManyLinks => ErrorCode::TooManyLinks,
        P2::MessageSize => ErrorCode::MessageSize,
        P2::NameTooLong => ErrorCode::NameTooLong,
        P2::NoDevice => ErrorCode::NoDevice,
        P2::NoEntry => ErrorCode::NoEntry,
        P2::NoLock => ErrorCode::NoLock,
        P2::InsufficientMemory => ErrorCode::InsufficientMemory,
        P2::InsufficientSpace => ErrorCode::InsufficientSpace,
        P2::NotDirectory => ErrorCode::NotDirectory,
        P2::NotEmpty => ErrorCode::NotEmpty,
        P2::NotRecoverable => ErrorCode::NotRecoverable,
        P2::Unsupported => ErrorCode::Unsupported,
        P2::NoTty => ErrorCode::NoTty,
        P2::NoSuchDevice => ErrorCode::NoSuchDevice,
        P2::Overflow => ErrorCode::Overflow,
        P2::NotPermitted => ErrorCode::NotPermitted,
        P2::Pipe => ErrorCode::Pipe,
        P2::ReadOnly => ErrorCode::ReadOnly,
        P2::InvalidSeek => ErrorCode::InvalidSeek,
        P2::TextFileBusy => ErrorCode::TextFileBusy,
        P2::CrossDevice => ErrorCode::CrossDevice,
        // 0.3 has no such code, since its operations wait instead.
        P2::WouldBlock => ErrorCode::Other(Some("would-block".into())),
    }
}

/// Why writing to a stream of a file failed.
pub fn of_stream(from: StreamError) -> ErrorCode {
    match from {
        StreamError::LastOperationFailed(error) => match filesystem_error_code(&error) {
            Some(from) => code(from),
            None => ErrorCode::Other(Some(error.to_debug_string())),
        },
        StreamError::Closed => ErrorCode::Io,
    }
}
