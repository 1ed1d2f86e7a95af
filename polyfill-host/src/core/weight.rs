//! The sizes of things that are held for a guest, in bytes.

use wasmtime::component::Val;

use super::budget::Weigh;

/// The overhead of an allocation.
const ALLOCATION: usize = 16;

/// The weight of a text or list of bytes of this length.
pub(crate) fn of_bytes(len: usize) -> usize {
    match len {
        0 => 0,
        len => len + ALLOCATION,
    }
}

/// The weight of a value, with all values in it.
pub(crate) fn of_val(val: &Val) -> usize {
    let own = size_of::<Val>();
    own + match val {
        Val::String(text) | Val::Enum(text) => of_bytes(text.len()),
        Val::List(items) | Val::Tuple(items) | Val::FixedLengthList(items) => of_vals(items),
        Val::Map(entries) => {
            let entries = entries.iter();
            entries
                .map(|(key, value)| of_val(key) + of_val(value))
                .sum()
        }
        Val::Record(fields) => {
            let fields = fields.iter();
            let fields = fields
                .map(|(name, value)| size_of::<String>() + of_bytes(name.len()) + of_val(value));
            fields.sum()
        }
        Val::Variant(case, payload) => {
            of_bytes(case.len()) + payload.as_deref().map_or(0, of_boxed)
        }
        Val::Option(payload) | Val::Result(Ok(payload) | Err(payload)) => {
            payload.as_deref().map_or(0, of_boxed)
        }
        Val::Flags(names) => {
            let names = names.iter();
            names
                .map(|name| size_of::<String>() + of_bytes(name.len()))
                .sum()
        }
        _ => 0,
    }
}

/// The weight of several values.
pub(crate) fn of_vals(vals: &[Val]) -> usize {
    vals.iter().map(of_val).sum()
}

fn of_boxed(val: &Val) -> usize {
    of_val(val) + ALLOCATION
}

impl<T: Weigh> Weigh for Option<T> {
    fn weight(&self) -> usize {
        self.as_ref().map_or(0, Weigh::weight)
    }
}

impl<T: Weigh, E: Weigh> Weigh for Result<T, E> {
    fn weight(&self) -> usize {
        match self {
            Ok(value) => value.weight(),
            Err(error) => error.weight(),
        }
    }
}

impl Weigh for () {
    fn weight(&self) -> usize {
        0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(len: usize) -> Val {
        Val::String("x".repeat(len))
    }

    #[test]
    fn what_is_inside_of_a_value_weighs_too() {
        let boxed = |val| Some(Box::new(val));
        for nested in [
            Val::List(vec![text(1000)]),
            Val::Tuple(vec![text(1000)]),
            Val::FixedLengthList(vec![text(1000)]),
            Val::Map(vec![(text(500), text(500))]),
            Val::Record(vec![("name".into(), text(1000))]),
            Val::Variant("case".into(), boxed(text(1000))),
            Val::Option(boxed(text(1000))),
            Val::Result(Ok(boxed(text(1000)))),
            Val::Result(Err(boxed(text(1000)))),
            Val::List(vec![Val::List(vec![Val::Option(boxed(text(1000)))])]),
            Val::Flags(vec!["x".repeat(1000)]),
            Val::Enum("x".repeat(1000)),
        ] {
            assert!(of_val(&nested) > 1000, "{nested:?}");
        }
        assert_eq!(of_val(&Val::U8(1)), size_of::<Val>());
    }
}
