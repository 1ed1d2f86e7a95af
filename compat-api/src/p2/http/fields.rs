//! Headers and trailers.

use crate::http::types as p3;
use crate::p2::bindings::debug_cases;
use std::fmt;

/// The name of a field.
pub type FieldKey = String;
/// The name of a field.
pub type FieldName = FieldKey;
/// The value of a field.
pub type FieldValue = Vec<u8>;
/// Fields before a body.
pub type Headers = Fields;
/// Fields after a body.
pub type Trailers = Fields;

/// Why fields could not be changed.
#[derive(Clone, Copy)]
pub enum HeaderError {
    /// A name or value is not one.
    InvalidSyntax,
    /// The program may not set a field of that name.
    Forbidden,
    /// These fields cannot be changed.
    Immutable,
}

debug_cases!(HeaderError: InvalidSyntax, Forbidden, Immutable);

impl fmt::Display for HeaderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl std::error::Error for HeaderError {}

/// 0.2 has no limits of size, and no other errors: those become [`HeaderError::Forbidden`].
impl From<p3::HeaderError> for HeaderError {
    fn from(error: p3::HeaderError) -> Self {
        match error {
            p3::HeaderError::InvalidSyntax => HeaderError::InvalidSyntax,
            p3::HeaderError::Immutable => HeaderError::Immutable,
            p3::HeaderError::Forbidden
            | p3::HeaderError::SizeExceeded
            | p3::HeaderError::Other(_) => HeaderError::Forbidden,
        }
    }
}

/// Headers or trailers.
pub struct Fields {
    fields: p3::Fields,
    /// Whether they belong to a message.
    immutable: bool,
}

impl Fields {
    /// No fields.
    #[expect(clippy::new_without_default, reason = "as in `wasip2`")]
    pub fn new() -> Self {
        p3::Fields::new().into()
    }

    /// Fields with these names and values.
    pub fn from_list(entries: &[(FieldName, FieldValue)]) -> Result<Fields, HeaderError> {
        Ok(p3::Fields::from_list(entries)?.into())
    }

    /// The values of a name.
    pub fn get(&self, name: &str) -> Vec<FieldValue> {
        self.fields.get(name)
    }

    /// Whether there is a value of that name.
    pub fn has(&self, name: &str) -> bool {
        self.fields.has(name)
    }

    /// Replaces the values of a name.
    pub fn set(&self, name: &str, value: &[FieldValue]) -> Result<(), HeaderError> {
        self.check_mutable()?;
        Ok(self.fields.set(name, value)?)
    }

    /// Removes the values of a name.
    pub fn delete(&self, name: &str) -> Result<(), HeaderError> {
        self.check_mutable()?;
        Ok(self.fields.delete(name)?)
    }

    /// Adds a value.
    pub fn append(&self, name: &str, value: &[u8]) -> Result<(), HeaderError> {
        self.check_mutable()?;
        Ok(self.fields.append(name, value)?)
    }

    /// All names and values.
    pub fn entries(&self) -> Vec<(FieldName, FieldValue)> {
        self.fields.copy_all()
    }

    /// A copy, which can be changed.
    #[expect(clippy::should_implement_trait, reason = "as in `wasip2`")]
    pub fn clone(&self) -> Fields {
        self.fields.clone().into()
    }

    /// Those of a message, to be looked at.
    pub(super) fn of_message(fields: &p3::Fields) -> Self {
        Fields {
            fields: fields.clone(),
            immutable: true,
        }
    }

    fn check_mutable(&self) -> Result<(), HeaderError> {
        if self.immutable {
            Err(HeaderError::Immutable)
        } else {
            Ok(())
        }
    }
}

impl From<p3::Fields> for Fields {
    fn from(fields: p3::Fields) -> Self {
        Fields {
            fields,
            immutable: false,
        }
    }
}

impl From<Fields> for p3::Fields {
    fn from(fields: Fields) -> Self {
        fields.fields
    }
}

impl fmt::Debug for Fields {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Fields").field(&self.fields).finish()
    }
}
