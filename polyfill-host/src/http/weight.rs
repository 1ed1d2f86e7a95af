//! The sizes of fields and other values of HTTP, in bytes.

use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderMap, Method};
use wasmtime_wasi_http::FieldMap;
use wasmtime_wasi_http::p3::bindings::http::types::ErrorCode;

use crate::core::{Weigh, weight};

/// The overhead of a field in a map: its place, the index, and spare room.
const FIELD: usize = 192;

/// The weight of one field in a map, whose name and value have these lengths.
pub(crate) fn of_field(name: usize, value: usize) -> usize {
    name + value + FIELD
}

/// The weight of all fields of this name in a map.
pub(crate) fn of_name(map: &HeaderMap, name: &str) -> usize {
    let values = map.get_all(name).iter();
    values.map(|value| of_field(name.len(), value.len())).sum()
}

impl Weigh for FieldMap {
    fn weight(&self) -> usize {
        size_of::<FieldMap>() + of_headers(self)
    }
}

/// The weight of the fields of a map.
pub(crate) fn of_headers(map: &HeaderMap) -> usize {
    let fields = map.iter();
    fields
        .map(|(name, value)| of_field(name.as_str().len(), value.len()))
        .sum()
}

impl Weigh for Method {
    fn weight(&self) -> usize {
        // The longest of the methods that have a constant.
        match self.as_str().len() {
            0..=7 => 0,
            len => weight::of_bytes(len),
        }
    }
}

impl Weigh for Scheme {
    fn weight(&self) -> usize {
        match self.as_str().len() {
            0..=5 => 0,
            len => weight::of_bytes(len),
        }
    }
}

impl Weigh for Authority {
    fn weight(&self) -> usize {
        weight::of_bytes(self.as_str().len())
    }
}

impl Weigh for PathAndQuery {
    fn weight(&self) -> usize {
        weight::of_bytes(self.as_str().len())
    }
}

impl Weigh for ErrorCode {
    fn weight(&self) -> usize {
        let text = match self {
            ErrorCode::DnsError(payload) => &payload.rcode,
            ErrorCode::TlsAlertReceived(payload) => &payload.alert_message,
            ErrorCode::HttpRequestHeaderSize(Some(payload)) => &payload.field_name,
            ErrorCode::HttpRequestTrailerSize(payload)
            | ErrorCode::HttpResponseHeaderSize(payload)
            | ErrorCode::HttpResponseTrailerSize(payload) => &payload.field_name,
            ErrorCode::HttpResponseTransferCoding(text)
            | ErrorCode::HttpResponseContentCoding(text)
            | ErrorCode::InternalError(text) => text,
            // Without a text.
            _ => return 0,
        };
        text.as_ref().map_or(0, |text| weight::of_bytes(text.len()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    #[test]
    fn each_text_of_an_error_code_weighs() {
        use wasmtime_wasi_http::p3::bindings::http::types::*;
        let text = || Some("x".repeat(1000));
        let field = || FieldSizePayload {
            field_name: text(),
            field_size: None,
        };
        for code in [
            ErrorCode::DnsError(DnsErrorPayload {
                rcode: text(),
                info_code: None,
            }),
            ErrorCode::TlsAlertReceived(TlsAlertReceivedPayload {
                alert_id: None,
                alert_message: text(),
            }),
            ErrorCode::HttpRequestHeaderSize(Some(field())),
            ErrorCode::HttpRequestTrailerSize(field()),
            ErrorCode::HttpResponseHeaderSize(field()),
            ErrorCode::HttpResponseTrailerSize(field()),
            ErrorCode::HttpResponseTransferCoding(text()),
            ErrorCode::HttpResponseContentCoding(text()),
            ErrorCode::InternalError(text()),
        ] {
            assert!(code.weight() > 1000, "{code:?}");
        }
        assert_eq!(ErrorCode::DnsTimeout.weight(), 0);
    }

    #[test]
    fn fields_weigh_by_name_and_value() {
        let mut map = HeaderMap::new();
        map.append("a", HeaderValue::from_static("one"));
        map.append("a", HeaderValue::from_static("two"));
        map.append("b", HeaderValue::from_static("three"));
        assert_eq!(of_headers(&map), of_name(&map, "a") + of_name(&map, "b"));
        assert_eq!(of_name(&map, "c"), 0);
    }
}
