//! The items of a pipe whose payload is known only from the component's own types.

use isyswasfa_rendezvous::Items;
use wasmtime::component::{ResourceAny, Val};

use crate::core::weight;

/// Some values on their way.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Values(pub Vec<Val>);

impl Values {
    /// Appends the handles anywhere in them.
    pub(crate) fn handles(&self, handles: &mut Vec<ResourceAny>) {
        for value in &self.0 {
            visit(value, &mut |value| {
                if let Val::Resource(handle) = value {
                    handles.push(*handle);
                }
            });
        }
    }
}

impl Items for Values {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn split_front(&mut self, n: usize) -> Self {
        Values(self.0.split_front(n))
    }

    fn append(&mut self, other: Self) {
        Items::append(&mut self.0, other.0);
    }

    fn weight(&self) -> usize {
        weight::of_vals(&self.0)
    }
}

/// Shows a value and all that are in it.
fn visit(value: &Val, see: &mut impl FnMut(&Val)) {
    see(value);
    match value {
        Val::List(items) | Val::Tuple(items) | Val::FixedLengthList(items) => {
            items.iter().for_each(|item| visit(item, see));
        }
        Val::Map(entries) => entries.iter().for_each(|(key, value)| {
            visit(key, see);
            visit(value, see);
        }),
        Val::Record(fields) => fields.iter().for_each(|(_, value)| visit(value, see)),
        Val::Variant(_, Some(value))
        | Val::Option(Some(value))
        | Val::Result(Ok(Some(value)) | Err(Some(value))) => visit(value, see),
        _ => {}
    }
}
