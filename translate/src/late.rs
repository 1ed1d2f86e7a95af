//! The table through which the runtime calls the glue and the guest: they are instantiated after it.
//!
//! `late` is a module with the table and trampolines, instantiated first; `fill` fills the table, last.

use crate::glue::LATE;
use crate::module::{Builder, Code, Signature};
use wasm_encoder::ValType::I32;

/// The table's name.
pub const TABLE: &str = "table";

/// The module that `fill` imports functions from.
pub const FUNCTIONS: &str = "functions";

/// A table of that size, a trampoline for each type of function that the runtime calls, and one for each function of the glue that
/// is needed before the glue is there.
pub fn late(size: u64, early: &[(String, u32, Signature)]) -> Vec<u8> {
    let mut builder = Builder::default();
    builder.own_table(TABLE, size);
    let trampolines: [(&str, usize, &[_]); 4] = [
        ("call-0", 0, &[I32]),
        ("call-1", 1, &[]),
        ("call-2", 2, &[]),
        ("call-3", 3, &[I32]),
    ];
    for (name, params, results) in trampolines {
        let called = Signature::new(&[I32, I32, I32][..params], results);
        let own = Signature::new(&[I32, I32, I32, I32][..params + 1], results);
        let mut code = Code::new(params + 1);
        (1..=params).for_each(|local| code.get(local as u32));
        code.get(0);
        code.call_indirect(&called);
        let func = builder.func(name, own, code);
        builder.export(name, func);
    }
    for (name, place, signature) in early {
        let mut code = Code::new(signature.params.len());
        (0..signature.params.len()).for_each(|local| code.get(local as u32));
        code.number(*place);
        code.call_indirect(signature);
        let func = builder.func(name, signature.clone(), code);
        builder.export(name, func);
    }
    builder.finish()
}

/// Fills the table with functions of these types, which it imports by their places.
pub fn fill<'s>(functions: impl Iterator<Item = &'s Signature>) -> Vec<u8> {
    let mut builder = Builder::default();
    let functions: Vec<_> = functions
        .enumerate()
        .map(|(place, signature)| builder.import(FUNCTIONS, &place.to_string(), signature.clone()))
        .collect();
    builder.table(LATE, TABLE, functions.len() as u64);
    builder.elements(functions);
    builder.finish()
}
