//! Conversions between `fields` and `HeaderMap`.

use super::internal;
use crate::http::types::{ErrorCode, Fields, HeaderError};
use ::http::{HeaderMap, HeaderName, HeaderValue};

impl TryFrom<Fields> for HeaderMap {
    type Error = ErrorCode;

    fn try_from(fields: Fields) -> Result<Self, ErrorCode> {
        let mut map = Self::new();
        for (name, value) in fields.copy_all() {
            let name: HeaderName = name.parse().map_err(internal)?;
            map.append(name, HeaderValue::from_bytes(&value).map_err(internal)?);
        }
        Ok(map)
    }
}

impl TryFrom<HeaderMap> for Fields {
    type Error = HeaderError;

    fn try_from(map: HeaderMap) -> Result<Self, HeaderError> {
        let entry = |(name, value): (&HeaderName, &HeaderValue)| {
            (name.as_str().into(), value.as_bytes().into())
        };
        Self::from_list(&map.iter().map(entry).collect::<Vec<_>>())
    }
}
