//! The resource `fields`.

use super::syntax::{self, field_value, is_content_length, is_field_name, is_forbidden};
use super::{error, size};
use crate::bindings::p2::http::types::{self as p2, IncomingRequest};
use crate::bindings::p3::http::types::{
    self, ErrorCode, FieldName, FieldValue, GuestFields, HeaderError,
};
use std::borrow::Cow;
use std::cell::Cell;
use std::rc::Rc;

/// Headers or trailers. What a message has is shared with those who ask the message for it.
pub struct Fields(Rc<Shared>);

struct Shared {
    p2: p2::Fields,
    immutable: Cell<bool>,
    /// No more than this is in them, as `size` counts it. None: not known.
    size: Cell<Option<usize>>,
    /// Whether `content-length` may be among them.
    may_have_length: Cell<bool>,
    /// What they are of, if they must not outlive it: dropped after them.
    of: Option<Rc<IncomingRequest>>,
}

impl Fields {
    fn empty() -> Self {
        Self(Rc::new(Shared {
            p2: p2::Fields::new(),
            immutable: Cell::new(false),
            size: Cell::new(Some(0)),
            may_have_length: Cell::new(false),
            of: None,
        }))
    }

    /// Those that have come in.
    pub fn received(p2: p2::Fields) -> Self {
        Self(Rc::new(Shared {
            p2,
            immutable: Cell::new(true),
            size: Cell::new(None),
            may_have_length: Cell::new(true),
            of: None,
        }))
    }

    /// Those of a request.
    pub fn of(request: Rc<IncomingRequest>) -> Self {
        Self(Rc::new(Shared {
            p2: request.headers(),
            immutable: Cell::new(true),
            size: Cell::new(None),
            may_have_length: Cell::new(true),
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

    /// What `content-length` says.
    pub fn content_length(&self) -> Result<Option<u64>, ErrorCode> {
        if !self.0.may_have_length.get() {
            return Ok(None);
        }
        let values = self.0.p2.get("content-length");
        match &values[..] {
            [] => Ok(None),
            [value] if let Some(length) = syntax::content_length(value) => Ok(Some(length)),
            _ => Err(ErrorCode::InternalError(Some(
                "`content-length` is not a number".into(),
            ))),
        }
    }

    fn mutable(&self) -> Result<&p2::Fields, HeaderError> {
        if self.0.immutable.get() {
            Err(HeaderError::Immutable)
        } else {
            Ok(&self.0.p2)
        }
    }

    fn add(&self, name: &str, value: &[u8]) -> Result<(), HeaderError> {
        check_name(name)?;
        let value = field_value(name, value).ok_or(HeaderError::InvalidSyntax)?;
        if is_content_length(name) && self.0.may_have_length.get() && self.0.p2.has(name) {
            // Two of them, and nobody knows where the body ends.
            return Err(HeaderError::InvalidSyntax);
        }
        let p2 = self.mutable()?;
        self.make_room(size::of(name, [&*value]), |entries| {
            size::with(&entries, name, [&*value])
        })?;
        self.note(name);
        p2.append(name, &value).map_err(error::header)
    }

    /// Notes that so much is added, unless it is too much: then many hosts of 0.2 trap. `exactly` says how much there will be,
    /// of what there is.
    fn make_room(
        &self,
        more: usize,
        exactly: impl FnOnce(Vec<(String, Vec<u8>)>) -> usize,
    ) -> Result<(), HeaderError> {
        // Without asking the host, as long as there is room for more than there can be.
        let mut size = self.0.size.get().map(|size| size.saturating_add(more));
        if size.is_none_or(|size| size > size::MOST) {
            size = Some(exactly(self.0.p2.entries()));
        }
        if size.is_some_and(|size| size > size::MOST) {
            return Err(HeaderError::SizeExceeded);
        }
        self.0.size.set(size);
        Ok(())
    }

    fn note(&self, name: &str) {
        if is_content_length(name) {
            self.0.may_have_length.set(true);
        }
    }
}

fn check_name(name: &str) -> Result<(), HeaderError> {
    if !is_field_name(name) {
        return Err(HeaderError::InvalidSyntax);
    }
    if is_forbidden(name) {
        Err(HeaderError::Forbidden)
    } else {
        Ok(())
    }
}

impl GuestFields for Fields {
    fn new() -> Self {
        Fields::empty()
    }

    fn from_list(entries: Vec<(FieldName, FieldValue)>) -> Result<types::Fields, HeaderError> {
        let fields = Fields::empty();
        for (name, value) in &entries {
            fields.add(name, value)?;
        }
        Ok(types::Fields::new(fields))
    }

    fn get(&self, name: FieldName) -> Vec<FieldValue> {
        if is_field_name(&name) {
            self.0.p2.get(&name)
        } else {
            Vec::new()
        }
    }

    fn has(&self, name: FieldName) -> bool {
        is_field_name(&name) && self.0.p2.has(&name)
    }

    fn set(&self, name: FieldName, values: Vec<FieldValue>) -> Result<(), HeaderError> {
        check_name(&name)?;
        let p2 = self.mutable()?;
        if is_content_length(&name) && values.len() > 1 {
            return Err(HeaderError::InvalidSyntax);
        }
        let kept: Option<Vec<_>> = values
            .iter()
            .map(|value| field_value(&name, value).map(Cow::into_owned))
            .collect();
        let kept = kept.ok_or(HeaderError::InvalidSyntax)?;
        if kept.is_empty() {
            return p2.delete(&name).map_err(error::header);
        }
        let values = || kept.iter().map(|value| &value[..]);
        self.make_room(size::of(&name, values()), |entries| {
            let others = entries
                .into_iter()
                .filter(|(other, _)| !other.eq_ignore_ascii_case(&name));
            size::with(&others.collect::<Vec<_>>(), &name, values())
        })?;
        self.note(&name);
        p2.set(&name, &kept).map_err(error::header)
    }

    fn delete(&self, name: FieldName) -> Result<(), HeaderError> {
        check_name(&name)?;
        self.mutable()?.delete(&name).map_err(error::header)
    }

    fn get_and_delete(&self, name: FieldName) -> Result<Vec<FieldValue>, HeaderError> {
        check_name(&name)?;
        let fields = self.mutable()?;
        let values = fields.get(&name);
        fields.delete(&name).map_err(error::header)?;
        Ok(values)
    }

    fn append(&self, name: FieldName, value: FieldValue) -> Result<(), HeaderError> {
        self.add(&name, &value)
    }

    fn copy_all(&self) -> Vec<(FieldName, FieldValue)> {
        self.0.p2.entries()
    }

    fn clone(&self) -> types::Fields {
        types::Fields::new(Fields(Rc::new(Shared {
            p2: self.to_p2(),
            immutable: Cell::new(false),
            size: self.0.size.clone(),
            may_have_length: self.0.may_have_length.clone(),
            of: None,
        })))
    }
}
