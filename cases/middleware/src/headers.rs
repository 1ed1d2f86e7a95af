//! What the headers say about encodings, and what they must say when we have changed one.

use compat_api::http::types::{Fields, Response};

const DEFLATE: &str = "deflate";

/// The elements of all values of a header that is a list.
fn list(headers: &Fields, name: &str) -> Vec<String> {
    let values = headers.get(name);
    let text = values.iter().map(|value| String::from_utf8_lossy(value));
    text.flat_map(|value| {
        let elements = value.split(',').map(|element| element.trim().to_owned());
        elements.collect::<Vec<_>>()
    })
    .filter(|element| !element.is_empty())
    .collect()
}

/// Whether `accept-encoding` names `deflate`, and not with `q=0`.
pub fn accepts_deflate(headers: &Fields) -> bool {
    list(headers, "accept-encoding").iter().any(|element| {
        let mut parts = element.split(';').map(str::trim);
        let is_deflate = parts
            .next()
            .is_some_and(|it| it.eq_ignore_ascii_case(DEFLATE));
        let weight = parts.find_map(|part| part.strip_prefix("q=")?.parse::<f32>().ok());
        is_deflate && weight != Some(0.0)
    })
}

/// The headers for the body without its encoding, if the outermost one of that is `deflate`.
pub fn without_deflate(headers: &Fields) -> Option<Fields> {
    let mut encodings = list(headers, "content-encoding");
    if !encodings.pop()?.eq_ignore_ascii_case(DEFLATE) {
        return None;
    }
    let headers = headers.clone();
    if encodings.is_empty() {
        headers.delete("content-encoding").ok()?
    } else {
        headers
            .set("content-encoding", &[encodings.join(", ").into()])
            .ok()?
    }
    headers.delete("content-length").ok()?;
    Some(headers)
}

/// The headers for the response with its body deflated; `None` if that body is to stay as it is: there is none, it is
/// encoded already or a part of one, or nobody may change it.
pub fn with_deflate(response: &Response) -> Option<Fields> {
    let headers = response.get_headers();
    let status = response.get_status_code();
    let has_no_body = status < 200 || [204, 205, 304].contains(&status);
    let is_fixed = list(&headers, "cache-control")
        .iter()
        .any(|element| element.eq_ignore_ascii_case("no-transform"));
    if has_no_body || status == 206 || is_fixed || headers.has("content-encoding") {
        return None;
    }
    let headers = headers.clone();
    headers.set("content-encoding", &[DEFLATE.into()]).ok()?;
    headers.delete("content-length").ok()?;
    headers.append("vary", b"accept-encoding").ok()?;
    Some(headers)
}
