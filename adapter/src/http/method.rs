//! Methods and schemes, which are the same in both versions: as they are kept, and from one version to the other.

use super::syntax::{is_scheme, is_token};
use crate::bindings::p2::http::types as p2;
use crate::bindings::p3::http::types::{Method, Scheme};

/// The method as it is kept, if it is one: those with names have them.
pub fn method(from: Method) -> Option<Method> {
    let Method::Other(other) = from else {
        return Some(from);
    };
    Some(match other.as_str() {
        "GET" => Method::Get,
        "HEAD" => Method::Head,
        "POST" => Method::Post,
        "PUT" => Method::Put,
        "DELETE" => Method::Delete,
        "CONNECT" => Method::Connect,
        "OPTIONS" => Method::Options,
        "TRACE" => Method::Trace,
        "PATCH" => Method::Patch,
        text => return is_token(text).then_some(Method::Other(other)),
    })
}

/// The scheme as it is kept, if it is one.
pub fn scheme(from: Scheme) -> Option<Scheme> {
    let Scheme::Other(other) = from else {
        return Some(from);
    };
    match other.as_str() {
        "http" => Some(Scheme::Http),
        "https" => Some(Scheme::Https),
        text => is_scheme(text).then_some(Scheme::Other(other)),
    }
}

pub fn method_to_p2(from: Method) -> p2::Method {
    match from {
        Method::Get => p2::Method::Get,
        Method::Head => p2::Method::Head,
        Method::Post => p2::Method::Post,
        Method::Put => p2::Method::Put,
        Method::Delete => p2::Method::Delete,
        Method::Connect => p2::Method::Connect,
        Method::Options => p2::Method::Options,
        Method::Trace => p2::Method::Trace,
        Method::Patch => p2::Method::Patch,
        Method::Other(other) => p2::Method::Other(other),
    }
}

pub fn method_from_p2(from: p2::Method) -> Method {
    match from {
        p2::Method::Get => Method::Get,
        p2::Method::Head => Method::Head,
        p2::Method::Post => Method::Post,
        p2::Method::Put => Method::Put,
        p2::Method::Delete => Method::Delete,
        p2::Method::Connect => Method::Connect,
        p2::Method::Options => Method::Options,
        p2::Method::Trace => Method::Trace,
        p2::Method::Patch => Method::Patch,
        p2::Method::Other(other) => Method::Other(other),
    }
}

pub fn scheme_to_p2(from: Scheme) -> p2::Scheme {
    match from {
        Scheme::Http => p2::Scheme::Http,
        Scheme::Https => p2::Scheme::Https,
        Scheme::Other(other) => p2::Scheme::Other(other),
    }
}

pub fn scheme_from_p2(from: p2::Scheme) -> Scheme {
    match from {
        p2::Scheme::Http => Scheme::Http,
        p2::Scheme::Https => Scheme::Https,
        p2::Scheme::Other(other) => Scheme::Other(other),
    }
}
