//! Parts of a message that belong to one connection: fields that `connection` names, transfer codings.

use http::header::{CONNECTION, HeaderName, TRANSFER_ENCODING};
use http::{HeaderMap, HeaderValue};

/// Removes the fields that `connection` names (RFC 9110, 7.6.1).
///
/// A guest that passes a message on cannot remove them, since it doesn't see `connection`.
pub(crate) fn remove_nominated(headers: &mut HeaderMap) {
    if !headers.contains_key(CONNECTION) {
        return;
    }
    let nominated: Vec<HeaderName> = elements(headers.get_all(CONNECTION).iter())
        .filter_map(|name| HeaderName::from_bytes(name.as_bytes()).ok())
        .filter(|name| *name != CONNECTION && headers.contains_key(name))
        .collect();
    for name in nominated {
        headers.remove(name);
    }
}

/// Transfer codings other than a single `chunked`, which is the only one that hyper decodes. `None`: there are no others.
pub(crate) fn unknown_coding(headers: &HeaderMap) -> Option<String> {
    let codings = headers.get_all(TRANSFER_ENCODING);
    let mut chunked = false;
    for coding in elements(codings.iter()) {
        let known = coding.eq_ignore_ascii_case("chunked") && !chunked;
        if !known {
            return Some(coding.to_owned());
        }
        chunked = true;
    }
    let unreadable = codings.iter().any(|value| value.to_str().is_err());
    unreadable.then(|| "what is no text".to_owned())
}

/// The elements of a comma-separated list that may have several lines.
fn elements<'a>(lines: impl Iterator<Item = &'a HeaderValue>) -> impl Iterator<Item = &'a str> {
    lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .map(str::trim)
        .filter(|element| !element.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(&str, &str)]) -> HeaderMap {
        lines
            .iter()
            .map(|(name, value)| {
                let name = HeaderName::try_from(*name).unwrap();
                (name, HeaderValue::try_from(*value).unwrap())
            })
            .collect()
    }

    #[test]
    fn what_connection_names_goes() {
        let mut headers = headers(&[
            ("connection", "close, X-One"),
            ("x-one", "1"),
            ("x-two", "2"),
            ("connection", "x-three ,"),
            ("x-three", "3"),
        ]);
        remove_nominated(&mut headers);
        assert!(!headers.contains_key("x-one") && !headers.contains_key("x-three"));
        assert!(headers.contains_key("x-two") && headers.contains_key("connection"));
    }

    #[test]
    fn chunked_alone_is_known() {
        let coding = |lines: &[(&str, &str)]| unknown_coding(&headers(lines));
        assert_eq!(coding(&[]), None);
        assert_eq!(coding(&[("transfer-encoding", "Chunked")]), None);
        for lines in [
            &[("transfer-encoding", "gzip, chunked")][..],
            &[
                ("transfer-encoding", "gzip"),
                ("transfer-encoding", "chunked"),
            ],
        ] {
            assert_eq!(coding(lines).as_deref(), Some("gzip"));
        }
        let twice = coding(&[("transfer-encoding", "chunked, chunked")]);
        assert_eq!(twice.as_deref(), Some("chunked"));
    }
}
