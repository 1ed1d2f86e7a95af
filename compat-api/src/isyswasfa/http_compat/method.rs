//! Conversions between `method` and `http::Method`.

use crate::http::types::Method;
use ::http::method::InvalidMethod;

impl TryFrom<Method> for ::http::Method {
    type Error = InvalidMethod;

    fn try_from(method: Method) -> Result<Self, InvalidMethod> {
        Ok(match method {
            Method::Get => Self::GET,
            Method::Head => Self::HEAD,
            Method::Post => Self::POST,
            Method::Put => Self::PUT,
            Method::Delete => Self::DELETE,
            Method::Connect => Self::CONNECT,
            Method::Options => Self::OPTIONS,
            Method::Trace => Self::TRACE,
            Method::Patch => Self::PATCH,
            Method::Other(name) => return Self::from_bytes(name.as_bytes()),
        })
    }
}

impl From<&::http::Method> for Method {
    fn from(method: &::http::Method) -> Self {
        match method.as_str() {
            "GET" => Self::Get,
            "HEAD" => Self::Head,
            "POST" => Self::Post,
            "PUT" => Self::Put,
            "DELETE" => Self::Delete,
            "CONNECT" => Self::Connect,
            "OPTIONS" => Self::Options,
            "TRACE" => Self::Trace,
            "PATCH" => Self::Patch,
            other => Self::Other(other.into()),
        }
    }
}

impl From<::http::Method> for Method {
    fn from(method: ::http::Method) -> Self {
        Self::from(&method)
    }
}
