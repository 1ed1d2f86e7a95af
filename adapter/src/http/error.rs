//! What went wrong, from 0.2 to 0.3 and back.

use crate::bindings::p2::http::types::{self as p2, ErrorCode as P2, http_error_code};
use crate::bindings::p2::io::streams::StreamError;
use crate::bindings::p3::http::types::{
    DnsErrorPayload, ErrorCode, FieldSizePayload, HeaderError, TlsAlertReceivedPayload,
};

pub fn code(from: P2) -> ErrorCode {
    match from {
        P2::DnsTimeout => ErrorCode::DnsTimeout,
        P2::DnsError(p2::DnsErrorPayload { rcode, info_code }) => {
            ErrorCode::DnsError(DnsErrorPayload { rcode, info_code })
        }
        P2::DestinationNotFound => ErrorCode::DestinationNotFound,
        P2::DestinationUnavailable => ErrorCode::DestinationUnavailable,
        P2::DestinationIpProhibited => ErrorCode::DestinationIpProhibited,
        P2::DestinationIpUnroutable => ErrorCode::DestinationIpUnroutable,
        P2::ConnectionRefused => ErrorCode::ConnectionRefused,
        P2::ConnectionTerminated => ErrorCode::ConnectionTerminated,
        P2::ConnectionTimeout => ErrorCode::ConnectionTimeout,
        P2::ConnectionReadTimeout => ErrorCode::ConnectionReadTimeout,
        P2::ConnectionWriteTimeout => ErrorCode::ConnectionWriteTimeout,
        P2::ConnectionLimitReached => ErrorCode::ConnectionLimitReached,
        P2::TlsProtocolError => ErrorCode::TlsProtocolError,
        P2::TlsCertificateError => ErrorCode::TlsCertificateError,
        P2::TlsAlertReceived(p2::TlsAlertReceivedPayload {
            alert_id,
            alert_message,
        }) => ErrorCode::TlsAlertReceived(TlsAlertReceivedPayload {
            alert_id,
            alert_message,
        }),
        P2::HttpRequestDenied => ErrorCode::HttpRequestDenied,
        P2::HttpRequestLengthRequired => ErrorCode::HttpRequestLengthRequired,
        P2::HttpRequestBodySize(value) => ErrorCode::HttpRequestBodySize(value),
        P2::HttpRequestMethodInvalid => ErrorCode::HttpRequestMethodInvalid,
        P2::HttpRequestUriInvalid => ErrorCode::HttpRequestUriInvalid,
        P2::HttpRequestUriTooLong => ErrorCode::HttpRequestUriTooLong,
        P2::HttpRequestHeaderSectionSize(value) => ErrorCode::HttpRequestHeaderSectionSize(value),
        P2::HttpRequestHeaderSize(payload) => {
            ErrorCode::HttpRequestHeaderSize(payload.map(field_size))
        }
        P2::HttpRequestTrailerSectionSize(value) => ErrorCode::HttpRequestTrailerSectionSize(value),
        P2::HttpRequestTrailerSize(payload) => {
            ErrorCode::HttpRequestTrailerSize(field_size(payload))
        }
        P2::HttpResponseIncomplete => ErrorCode::HttpResponseIncomplete,
        P2::HttpResponseHeaderSectionSize(value) => ErrorCode::HttpResponseHeaderSectionSize(value),
        P2::HttpResponseHeaderSize(payload) => {
            ErrorCode::HttpResponseHeaderSize(field_size(payload))
        }
        P2::HttpResponseBodySize(value) => ErrorCode::HttpResponseBodySize(value),
        P2::HttpResponseTrailerSectionSize(value) => {
            ErrorCode::HttpResponseTrailerSectionSize(value)
        }
        P2::HttpResponseTrailerSize(payload) => {
            ErrorCode::HttpResponseTrailerSize(field_size(payload))
        }
        P2::HttpResponseTransferCoding(value) => ErrorCode::HttpResponseTransferCoding(value),
        P2::HttpResponseContentCoding(value) => ErrorCode::HttpResponseContentCoding(value),
        P2::HttpResponseTimeout => ErrorCode::HttpResponseTimeout,
        P2::HttpUpgradeFailed => ErrorCode::HttpUpgradeFailed,
        P2::HttpProtocolError => ErrorCode::HttpProtocolError,
        P2::LoopDetected => ErrorCode::LoopDetected,
        P2::ConfigurationError => ErrorCode::ConfigurationError,
        P2::InternalError(value) => ErrorCode::InternalError(value),
    }
}

fn field_size(from: p2::FieldSizePayload) -> FieldSizePayload {
    FieldSizePayload {
        field_name: from.field_name,
        field_size: from.field_size,
    }
}

/// To 0.2, the same.
pub fn to_p2(from: ErrorCode) -> P2 {
    match from {
        ErrorCode::DnsTimeout => P2::DnsTimeout,
        ErrorCode::DnsError(DnsErrorPayload { rcode, info_code }) => {
            P2::DnsError(p2::DnsErrorPayload { rcode, info_code })
        }
        ErrorCode::DestinationNotFound => P2::DestinationNotFound,
        ErrorCode::DestinationUnavailable => P2::DestinationUnavailable,
        ErrorCode::DestinationIpProhibited => P2::DestinationIpProhibited,
        ErrorCode::DestinationIpUnroutable => P2::DestinationIpUnroutable,
        ErrorCode::ConnectionRefused => P2::ConnectionRefused,
        ErrorCode::ConnectionTerminated => P2::ConnectionTerminated,
        ErrorCode::ConnectionTimeout => P2::ConnectionTimeout,
        ErrorCode::ConnectionReadTimeout => P2::ConnectionReadTimeout,
        ErrorCode::ConnectionWriteTimeout => P2::ConnectionWriteTimeout,
        ErrorCode::ConnectionLimitReached => P2::ConnectionLimitReached,
        ErrorCode::TlsProtocolError => P2::TlsProtocolError,
        ErrorCode::TlsCertificateError => P2::TlsCertificateError,
        ErrorCode::TlsAlertReceived(TlsAlertReceivedPayload {
            alert_id,
            alert_message,
        }) => P2::TlsAlertReceived(p2::TlsAlertReceivedPayload {
            alert_id,
            alert_message,
        }),
        ErrorCode::HttpRequestDenied => P2::HttpRequestDenied,
        ErrorCode::HttpRequestLengthRequired => P2::HttpRequestLengthRequired,
        ErrorCode::HttpRequestBodySize(value) => P2::HttpRequestBodySize(value),
        ErrorCode::HttpRequestMethodInvalid => P2::HttpRequestMethodInvalid,
        ErrorCode::HttpRequestUriInvalid => P2::HttpRequestUriInvalid,
        ErrorCode::HttpRequestUriTooLong => P2::HttpRequestUriTooLong,
        ErrorCode::HttpRequestHeaderSectionSize(value) => P2::HttpRequestHeaderSectionSize(value),
        ErrorCode::HttpRequestHeaderSize(payload) => {
            P2::HttpRequestHeaderSize(payload.map(field_size_to_p2))
        }
        ErrorCode::HttpRequestTrailerSectionSize(value) => P2::HttpRequestTrailerSectionSize(value),
        ErrorCode::HttpRequestTrailerSize(payload) => {
            P2::HttpRequestTrailerSize(field_size_to_p2(payload))
        }
        ErrorCode::HttpResponseIncomplete => P2::HttpResponseIncomplete,
        ErrorCode::HttpResponseHeaderSectionSize(value) => P2::HttpResponseHeaderSectionSize(value),
        ErrorCode::HttpResponseHeaderSize(payload) => {
            P2::HttpResponseHeaderSize(field_size_to_p2(payload))
        }
        ErrorCode::HttpResponseBodySize(value) => P2::HttpResponseBodySize(value),
        ErrorCode::HttpResponseTrailerSectionSize(value) => {
            P2::HttpResponseTrailerSectionSize(value)
        }
        ErrorCode::HttpResponseTrailerSize(payload) => {
            P2::HttpResponseTrailerSize(field_size_to_p2(payload))
        }
        ErrorCode::HttpResponseTransferCoding(value) => P2::HttpResponseTransferCoding(value),
        ErrorCode::HttpResponseContentCoding(value) => P2::HttpResponseContentCoding(value),
        ErrorCode::HttpResponseTimeout => P2::HttpResponseTimeout,
        ErrorCode::HttpUpgradeFailed => P2::HttpUpgradeFailed,
        ErrorCode::HttpProtocolError => P2::HttpProtocolError,
        ErrorCode::LoopDetected => P2::LoopDetected,
        ErrorCode::ConfigurationError => P2::ConfigurationError,
        ErrorCode::InternalError(value) => P2::InternalError(value),
    }
}

fn field_size_to_p2(from: FieldSizePayload) -> p2::FieldSizePayload {
    p2::FieldSizePayload {
        field_name: from.field_name,
        field_size: from.field_size,
    }
}

/// Whether a request came to nothing before its body was of any account: nobody was there who would have had it.
pub fn is_before_body(code: &ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::DnsTimeout
            | ErrorCode::DnsError(_)
            | ErrorCode::DestinationNotFound
            | ErrorCode::DestinationUnavailable
            | ErrorCode::DestinationIpProhibited
            | ErrorCode::DestinationIpUnroutable
            | ErrorCode::ConnectionRefused
            | ErrorCode::ConnectionTimeout
            | ErrorCode::ConnectionLimitReached
            | ErrorCode::TlsProtocolError
            | ErrorCode::TlsCertificateError
            | ErrorCode::TlsAlertReceived(_)
            | ErrorCode::HttpRequestDenied
    )
}

/// Why headers could not be changed.
pub fn header(from: p2::HeaderError) -> HeaderError {
    match from {
        p2::HeaderError::InvalidSyntax => HeaderError::InvalidSyntax,
        p2::HeaderError::Forbidden => HeaderError::Forbidden,
        p2::HeaderError::Immutable => HeaderError::Immutable,
    }
}

/// Why a body could not be read or written. Many hosts have no code for that, but words.
pub fn of_stream(from: StreamError) -> ErrorCode {
    let StreamError::LastOperationFailed(error) = from else {
        return ErrorCode::ConnectionTerminated;
    };
    if let Some(from) = http_error_code(&error) {
        return code(from);
    }
    let mut words = error.to_debug_string();
    words.make_ascii_lowercase();
    // Some hosts add where it was found.
    let words = words.split("backtrace").next().unwrap_or(&words);
    if words.contains("timeout") || words.contains("timed out") {
        ErrorCode::ConnectionReadTimeout
    } else {
        ErrorCode::ConnectionTerminated
    }
}
