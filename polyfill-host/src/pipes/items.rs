//! The items of a pipe whose payload is known only from the component's own types.

use std::collections::VecDeque;

use isyswasfa_core::Items;
use wasmtime::component::{ResourceAny, Val};

use crate::core::weight;

/// Values in a pipe, and their weight. Each value is weighed once, since a pipe asks for the weight at every operation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Values {
    items: VecDeque<Val>,
    weight: usize,
}

impl Values {
    /// The values for a guest.
    pub fn into_vec(self) -> Vec<Val> {
        self.items.into()
    }

    /// Appends all handles in the values.
    pub(crate) fn handles(&self, handles: &mut Vec<ResourceAny>) {
        for value in &self.items {
            visit(value, &mut |value| {
                if let Val::Resource(handle) = value {
                    handles.push(*handle);
                }
            });
        }
    }

    /// The first of a guest's `values`, up to a weight of `most` bytes, but at least one. All of them if they have handles,
    /// which have left the guest already.
    pub(crate) fn first_of(values: &[Val], most: usize) -> Self {
        if values.iter().any(has_handles) {
            return Values::from(values.to_vec());
        }
        let mut kept = Values::default();
        for value in values {
            let weight = weight::of_val(value);
            if kept.weight + weight > most && !kept.items.is_empty() {
                break;
            }
            kept.weight += weight;
            kept.items.push_back(value.clone());
        }
        kept
    }
}

impl From<Vec<Val>> for Values {
    fn from(items: Vec<Val>) -> Self {
        Values {
            weight: items.iter().map(weight::of_val).sum(),
            items: items.into(),
        }
    }
}

impl Items for Values {
    fn len(&self) -> usize {
        self.items.len()
    }

    fn split_front(&mut self, n: usize) -> Self {
        if n == self.items.len() {
            return std::mem::take(self);
        }
        let items = self.items.split_front(n);
        let weight = items.iter().map(weight::of_val).sum();
        self.weight -= weight;
        Values { items, weight }
    }

    fn append(&mut self, other: Self) {
        self.weight += other.weight;
        Items::append(&mut self.items, other.items);
    }

    fn weight(&self) -> usize {
        self.weight
    }
}

/// Whether there is a handle in a value.
fn has_handles(value: &Val) -> bool {
    let mut found = false;
    visit(value, &mut |value| {
        found |= matches!(value, Val::Resource(_));
    });
    found
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

#[cfg(test)]
mod tests {
    use super::*;

    fn text(len: usize) -> Val {
        Val::String("x".repeat(len))
    }

    #[test]
    fn what_is_inside_weighs_too() {
        let plain = Values::from(vec![text(1000)]);
        assert!(plain.weight() > 1000);
        let nested = Values::from(vec![Val::Option(Some(Box::new(Val::Tuple(vec![text(
            1000,
        )]))))]);
        assert!(nested.weight() > plain.weight());
    }

    #[test]
    fn the_weight_follows_what_is_taken_and_added() {
        let all: Vec<Val> = (0..100).map(text).collect();
        let mut values = Values::from(all.clone());
        let whole = values.weight();
        let mut taken = values.split_front(30);
        assert_eq!(taken.weight() + values.weight(), whole);
        assert_eq!(taken.weight(), Values::from(all[..30].to_vec()).weight());
        taken.append(values.split_front(70));
        assert_eq!((taken.weight(), values.weight()), (whole, 0));
        assert_eq!(taken.into_vec(), all);
    }

    #[test]
    fn taking_from_the_front_moves_nothing_else() {
        let mut values = Values::from(vec![Val::U32(0); 100_000]);
        let last: *const Val = values.items.back().unwrap();
        for _ in 1..100_000 {
            assert_eq!(values.split_front(1).len(), 1);
            assert!(std::ptr::eq(last, values.items.back().unwrap()));
        }
    }

    #[test]
    fn a_guest_s_values_are_taken_up_to_a_weight() {
        let all = vec![text(1000); 10];
        assert_eq!(Values::first_of(&all, 5500).len(), 5);
        assert_eq!(Values::first_of(&all, 1).len(), 1);
        assert_eq!(Values::first_of(&all, usize::MAX).len(), 10);
        assert_eq!(Values::first_of(&[], 1).len(), 0);
    }
}
