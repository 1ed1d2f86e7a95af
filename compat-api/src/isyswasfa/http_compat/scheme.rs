//! Conversions between `scheme` and `http::uri::Scheme`.

use crate::http::types::Scheme;
use ::http::uri::InvalidUri;

impl TryFrom<Scheme> for ::http::uri::Scheme {
    type Error = InvalidUri;

    fn try_from(scheme: Scheme) -> Result<Self, InvalidUri> {
        match scheme {
            Scheme::Http => Ok(Self::HTTP),
            Scheme::Https => Ok(Self::HTTPS),
            Scheme::Other(name) => name.parse(),
        }
    }
}

impl From<&::http::uri::Scheme> for Scheme {
    fn from(scheme: &::http::uri::Scheme) -> Self {
        match scheme.as_str() {
            "http" => Self::Http,
            "https" => Self::Https,
            other => Self::Other(other.into()),
        }
    }
}
