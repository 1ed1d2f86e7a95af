//! Why something could not be done with a file.

use crate::filesystem::types as p3;
use crate::p2::bindings::error_code;
use crate::p2::io::error::{Cause, Error};

error_code! {
    /// Why something could not be done with a file, as in POSIX.
    Access = "access", "Permission denied, similar to `EACCES` in POSIX.";
    WouldBlock = "would-block", "Resource unavailable, or operation would block, similar to `EAGAIN` and `EWOULDBLOCK` in POSIX.";
    Already = "already", "Connection already in progress, similar to `EALREADY` in POSIX.";
    BadDescriptor = "bad-descriptor", "Bad descriptor, similar to `EBADF` in POSIX.";
    Busy = "busy", "Device or resource busy, similar to `EBUSY` in POSIX.";
    Deadlock = "deadlock", "Resource deadlock would occur, similar to `EDEADLK` in POSIX.";
    Quota = "quota", "Storage quota exceeded, similar to `EDQUOT` in POSIX.";
    Exist = "exist", "File exists, similar to `EEXIST` in POSIX.";
    FileTooLarge = "file-too-large", "File too large, similar to `EFBIG` in POSIX.";
    IllegalByteSequence = "illegal-byte-sequence", "Illegal byte sequence, similar to `EILSEQ` in POSIX.";
    InProgress = "in-progress", "Operation in progress, similar to `EINPROGRESS` in POSIX.";
    Interrupted = "interrupted", "Interrupted function, similar to `EINTR` in POSIX.";
    Invalid = "invalid", "Invalid argument, similar to `EINVAL` in POSIX.";
    Io = "io", "I/O error, similar to `EIO` in POSIX.";
    IsDirectory = "is-directory", "Is a directory, similar to `EISDIR` in POSIX.";
    Loop = "loop", "Too many levels of symbolic links, similar to `ELOOP` in POSIX.";
    TooManyLinks = "too-many-links", "Too many links, similar to `EMLINK` in POSIX.";
    MessageSize = "message-size", "Message too large, similar to `EMSGSIZE` in POSIX.";
    NameTooLong = "name-too-long", "Filename too long, similar to `ENAMETOOLONG` in POSIX.";
    NoDevice = "no-device", "No such device, similar to `ENODEV` in POSIX.";
    NoEntry = "no-entry", "No such file or directory, similar to `ENOENT` in POSIX.";
    NoLock = "no-lock", "No locks available, similar to `ENOLCK` in POSIX.";
    InsufficientMemory = "insufficient-memory", "Not enough space, similar to `ENOMEM` in POSIX.";
    InsufficientSpace = "insufficient-space", "No space left on device, similar to `ENOSPC` in POSIX.";
    NotDirectory = "not-directory", "Not a directory or a symbolic link to a directory, similar to `ENOTDIR` in POSIX.";
    NotEmpty = "not-empty", "Directory not empty, similar to `ENOTEMPTY` in POSIX.";
    NotRecoverable = "not-recoverable", "State not recoverable, similar to `ENOTRECOVERABLE` in POSIX.";
    Unsupported = "unsupported", "Not supported, similar to `ENOTSUP` and `ENOSYS` in POSIX.";
    NoTty = "no-tty", "Inappropriate I/O control operation, similar to `ENOTTY` in POSIX.";
    NoSuchDevice = "no-such-device", "No such device or address, similar to `ENXIO` in POSIX.";
    Overflow = "overflow", "Value too large to be stored in data type, similar to `EOVERFLOW` in POSIX.";
    NotPermitted = "not-permitted", "Operation not permitted, similar to `EPERM` in POSIX.";
    Pipe = "pipe", "Broken pipe, similar to `EPIPE` in POSIX.";
    ReadOnly = "read-only", "Read-only file system, similar to `EROFS` in POSIX.";
    InvalidSeek = "invalid-seek", "Invalid seek, similar to `ESPIPE` in POSIX.";
    TextFileBusy = "text-file-busy", "Text file busy, similar to `ETXTBSY` in POSIX.";
    CrossDevice = "cross-device", "Cross-device link, similar to `EXDEV` in POSIX.";
}

/// What of the filesystem has failed, if it was that.
pub fn filesystem_error_code(err: &Error) -> Option<ErrorCode> {
    match err.0 {
        Cause::Filesystem(code) => Some(code),
        _ => None,
    }
}

/// 0.2 has no other errors: those become [`ErrorCode::Io`].
impl From<p3::ErrorCode> for ErrorCode {
    fn from(code: p3::ErrorCode) -> Self {
        macro_rules! same {
            ($($case:ident)+) => {
                match code {
                    $(p3::ErrorCode::$case => ErrorCode::$case,)+
                    p3::ErrorCode::Other(_) => ErrorCode::Io,
                }
            };
        }
        same! {
            Access Already BadDescriptor Busy Deadlock Quota Exist FileTooLarge IllegalByteSequence InProgress Interrupted
            Invalid Io IsDirectory Loop TooManyLinks MessageSize NameTooLong NoDevice NoEntry NoLock InsufficientMemory
            InsufficientSpace NotDirectory NotEmpty NotRecoverable Unsupported NoTty NoSuchDevice Overflow NotPermitted Pipe
            ReadOnly InvalidSeek TextFileBusy CrossDevice
        }
    }
}
