//! Takes dynamic values apart, for the types that generated code defines.

use wasmtime::component::Val;
use wasmtime::{Result, bail};

use super::value::{Handles, UNEXPECTED, Value};

/// The fields of a record.
pub fn fields(val: Val) -> Result<impl Iterator<Item = (String, Val)>> {
    match val {
        Val::Record(fields) => Ok(fields.into_iter()),
        _ => bail!(UNEXPECTED),
    }
}

/// The next field, which must have this name.
pub fn field<T: Value, H: Handles>(
    fields: &mut impl Iterator<Item = (String, Val)>,
    name: &str,
    handles: &mut H,
) -> Result<T> {
    match fields.next() {
        Some((found, val)) if found == name => T::from_val(val, handles),
        _ => bail!(UNEXPECTED),
    }
}

/// The case of a variant, and its payload.
pub fn case(val: Val) -> Result<(String, Option<Box<Val>>)> {
    match val {
        Val::Variant(case, payload) => Ok((case, payload)),
        _ => bail!(UNEXPECTED),
    }
}

/// The error for a value of another type.
pub fn unexpected<T>() -> Result<T> {
    bail!(UNEXPECTED)
}
