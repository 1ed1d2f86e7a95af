//! The items of a pipe whose payload is known only from the component's own types.

use isyswasfa_rendezvous::Items;
use wasmtime::component::{ResourceAny, Val};

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
        let mut weight = 0;
        for value in &self.0 {
            visit(value, &mut |value| {
                weight += size_of::<Val>();
                if let Val::String(text) = value {
                    weight += text.len();
                }
            });
        }
        weight
    }
}

/// Shows a value and all that are in it.
fn visit(value: &Val, see: &mut impl FnMut(&Val)) {
    see(value);
    match value {
        Val::List(items) | Val::Tuple(items) => items.iter().for_each(|item| visit(item, see)),
        Val::Record(fields) => fields.iter().for_each(|(_, value)| visit(value, see)),
        Val::Variant(_, Some(value))
        | Val::Option(Some(value))
        | Val::Result(Ok(Some(value)) | Err(Some(value))) => visit(value, see),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_inside_weighs_too() {
        let text = Values(vec![Val::String("x".repeat(1000))]);
        assert!(text.weight() > 1000);
        let nested = Values(vec![Val::Option(Some(Box::new(Val::Tuple(
            text.0.clone(),
        ))))]);
        assert!(nested.weight() > text.weight());
    }
}
