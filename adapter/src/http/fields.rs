//! The resource `fields`.

use super::error;
use crate::bindings::p2::http::types::{self as p2, IncomingRequest};
use crate::bindings::p3::http::types::{self, FieldName, FieldValue, GuestFields, HeaderError};
use std::cell::Cell;
use std::rc::Rc;

/// Headers or trailers. What a message has is shared with those who ask the message for it.
pub struct Fields(Rc<Shared>);

struct Shared {
    p2: p2::Fields,
    immutable: Cell<bool>,
    /// What they are of, if they must not outlive it: dropped after them.
    of: Option<Rc<IncomingRequest>>,
}

impl Fields {
    pub fn new(p2: p2::Fields) -> Self {
        Self(Rc::new(Shared {
            p2,
            immutable: Cell::new(false),
            of: None,
        }))
    }

    /// Those of a request.
    pub fn of(request: Rc<IncomingRequest>) -> Self {
        Self(Rc::new(Shared {
            p2: request.headers(),
            immutable: Cell::new(true),
            of: Some(request),
        }))
    }

    /// The same ones, which nobody changes any more.
    pub fn frozen(&self) -> Self {
        self.0.immutable.set(true);
        Self(self.0.clone())
    }

    /// A copy for 0.2 to keep.
    pub fn to_p2(&self) -> p2::Fields {
        self.0.p2.clone()
    }

    /// For 0.2 to keep: a copy only if somebody else has them.
    pub fn into_p2(self) -> p2::Fields {
        match Rc::try_unwrap(self.0) {
            Ok(Shared { p2, of: None, .. }) => p2,
            Ok(shared) => shared.p2.clone(),
            Err(shared) => shared.p2.clone(),
        }
    }

    fn mutable(&self) -> Result<&p2::Fields, HeaderError> {
        match self.0.immutable.get() {
            true => Err(HeaderError::Immutable),
            false => Ok(&self.0.p2),
        }
    }
}

impl GuestFields for Fields {
    fn new() -> Self {
        Fields::new(p2::Fields::new())
    }

    fn from_list(entries: Vec<(FieldName, FieldValue)>) -> Result<types::Fields, HeaderError> {
        let fields = p2::Fields::from_list(&entries).map_err(error::header)?;
        Ok(types::Fields::new(Fields::new(fields)))
    }

    fn get(&self, name: FieldName) -> Vec<FieldValue> {
        self.0.p2.get(&name)
    }

    fn has(&self, name: FieldName) -> bool {
        self.0.p2.has(&name)
    }

    fn set(&self, name: FieldName, value: Vec<FieldValue>) -> Result<(), HeaderError> {
        self.mutable()?.set(&name, &value).map_err(error::header)
    }

    fn delete(&self, name: FieldName) -> Result<(), HeaderError> {
        self.mutable()?.delete(&name).map_err(error::header)
    }

    fn get_and_delete(&self, name: FieldName) -> Result<Vec<FieldValue>, HeaderError> {
        let fields = self.mutable()?;
        let values = fields.get(&name);
        fields.delete(&name).map_err(error::header)?;
        Ok(values)
    }

    fn append(&self, name: FieldName, value: FieldValue) -> Result<(), HeaderError> {
        self.mutable()?.append(&name, &value).map_err(error::header)
    }

    fn copy_all(&self) -> Vec<(FieldName, FieldValue)> {
        self.0.p2.entries()
    }

    fn clone(&self) -> types::Fields {
        types::Fields::new(Fields::new(self.to_p2()))
    }
}
