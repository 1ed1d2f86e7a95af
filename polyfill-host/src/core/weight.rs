//! How many bytes things are that are held for a guest.

use http::uri::{Authority, PathAndQuery, Scheme};
use http::{HeaderMap, Method};
use wasmtime::component::Val;
use wasmtime_wasi_http::FieldMap;
use wasmtime_wasi_http::p3::bindings::http::types::ErrorCode;

use super::budget::Weigh;

/// What an allocation takes beside what is in it.
const ALLOCATION: usize = 16;

/// What a field takes in a map beside its name and value: its place, the index, and room that is kept for more.
const FIELD: usize = 192;

/// The weight of a text or list of bytes of this length.
pub(crate) fn of_bytes(len: usize) -> usize {
    match len {
        0 => 0,
        len => len + ALLOCATION,
    }
}

/// The weight that one field adds to a map whose name and value have these lengths.
pub(crate) fn of_field(name: usize, value: usize) -> usize {
    name + value + FIELD
}

/// The weight of all fields of this name in a map.
pub(crate) fn of_name(map: &HeaderMap, name: &str) -> usize {
    let values = map.get_all(name).iter();
    values.map(|value| of_field(name.len(), value.len())).sum()
}

/// The weight of a value, with all values in it.
pub(crate) fn of_val(val: &Val) -> usize {
    let own = size_of::<Val>();
    own + match val {
        Val::String(text) | Val::Enum(text) => of_bytes(text.len()),
        Val::List(items) | Val::Tuple(items) | Val::FixedLengthList(items) => of_vals(items),
        Val::Map(entries) => {
            let entries = entries.iter();
            entries
                .map(|(key, value)| of_val(key) + of_val(value))
                .sum()
        }
        Val::Record(fields) => {
            let fields = fields.iter();
            let fields = fields
                .map(|(name, value)| size_of::<String>() + of_bytes(name.len()) + of_val(value));
            fields.sum()
        }
        Val::Variant(case, payload) => {
            of_bytes(case.len()) + payload.as_deref().map_or(0, of_boxed)
        }
        Val::Option(payload) | Val::Result(Ok(payload) | Err(payload)) => {
            payload.as_deref().map_or(0, of_boxed)
        }
        Val::Flags(names) => {
            let names = names.iter();
            names
                .map(|name| size_of::<String>() + of_bytes(name.len()))
                .sum()
        }
        _ => 0,
    }
}

/// The weight of several values.
pub(crate) fn of_vals(vals: &[Val]) -> usize {
    vals.iter().map(of_val).sum()
}

fn of_boxed(val: &Val) -> usize {
    of_val(val) + ALLOCATION
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
            len => of_bytes(len),
        }
    }
}

impl Weigh for Scheme {
    fn weight(&self) -> usize {
        match self.as_str().len() {
            0..=5 => 0,
            len => of_bytes(len),
        }
    }
}

impl Weigh for Authority {
    fn weight(&self) -> usize {
        of_bytes(self.as_str().len())
    }
}

impl Weigh for PathAndQuery {
    fn weight(&self) -> usize {
        of_bytes(self.as_str().len())
    }
}

impl<T: Weigh> Weigh for Option<T> {
    fn weight(&self) -> usize {
        self.as_ref().map_or(0, Weigh::weight)
    }
}

impl<T: Weigh, E: Weigh> Weigh for Result<T, E> {
    fn weight(&self) -> usize {
        match self {
            Ok(value) => value.weight(),
            Err(error) => error.weight(),
        }
    }
}

impl Weigh for () {
    fn weight(&self) -> usize {
        0
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
        text.as_ref().map_or(0, |text| of_bytes(text.len()))
    }
}

impl Weigh for wasmtime_wasi::p3::bindings::cli::types::ErrorCode {
    fn weight(&self) -> usize {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::HeaderValue;

    fn text(len: usize) -> Val {
        Val::String("x".repeat(len))
    }

    #[test]
    fn what_is_inside_of_a_value_weighs_too() {
        let boxed = |val| Some(Box::new(val));
        for nested in [
            Val::List(vec![text(1000)]),
            Val::Tuple(vec![text(1000)]),
            Val::FixedLengthList(vec![text(1000)]),
            Val::Map(vec![(text(500), text(500))]),
            Val::Record(vec![("name".into(), text(1000))]),
            Val::Variant("case".into(), boxed(text(1000))),
            Val::Option(boxed(text(1000))),
            Val::Result(Ok(boxed(text(1000)))),
            Val::Result(Err(boxed(text(1000)))),
            Val::List(vec![Val::List(vec![Val::Option(boxed(text(1000)))])]),
            Val::Flags(vec!["x".repeat(1000)]),
            Val::Enum("x".repeat(1000)),
        ] {
            assert!(of_val(&nested) > 1000, "{nested:?}");
        }
        assert_eq!(of_val(&Val::U8(1)), size_of::<Val>());
    }

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
