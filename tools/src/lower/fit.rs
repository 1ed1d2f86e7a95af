//! Checks that what a component shares with its drivers has the functions that the split makes, in pairs that fit each other.
//!
//! The drivers are made here, for these functions. So whatever does not fit is a fault of the component, which says so by name.

use super::plain::{PlainFunction, SplitFunction};
use super::sync::Driven;
use anyhow::{Result, bail, ensure};
use isyswasfa_wit::names::{Role, split_name};
use std::collections::HashSet;
use wit_parser::abi::{AbiVariant, WasmSignature, WasmType};
use wit_parser::{Function, Resolve};

/// Which side of a function the component has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// It exports both halves.
    Exports,
    /// It imports the halves that it calls: it may never wait for a result.
    Imports,
}

/// Checks the functions of an interface, or of the world itself. `has`: the names of all functions there.
///
/// # Errors
/// If a half is missing, or has another type than its counterpart: the error names it.
pub fn check(resolve: &Resolve, driven: &Driven, has: &HashSet<String>, side: Side) -> Result<()> {
    let functions = &driven.plain.functions;
    let mut known = HashSet::new();
    for PlainFunction { plain, split } in functions {
        let SplitFunction::Async { start, result } = split else {
            continue;
        };
        known.extend([start.name.clone(), split_name(&plain.name).1]);
        match (result, side) {
            (Some(result), _) => halves(resolve, plain, start, result)?,
            (None, Side::Imports) => {}
            (None, Side::Exports) => bail!("`{}` has no second half", start.name),
        }
        let poll = driven.poll_of(plain);
        ensure!(
            side == Side::Imports || has.contains(&poll),
            "`{}` is there without `{poll}`",
            start.name
        );
    }
    let orphan = has.iter().find(|name| {
        let is_half = matches!(Role::of(name), Some((Role::Start | Role::Result, _)));
        is_half && !known.contains(*name)
    });
    if let Some(orphan) = orphan {
        bail!("`{orphan}` has no first half");
    }
    Ok(())
}

/// Checks that the second half takes a handle, and returns what the first half promises.
fn halves(resolve: &Resolve, plain: &Function, start: &Function, result: &Function) -> Result<()> {
    let abi = |function: &Function| resolve.wasm_signature(AbiVariant::GuestExport, function);
    let WasmSignature {
        params,
        results,
        retptr,
        ..
    } = abi(result);
    let promised = abi(plain);
    ensure!(
        params == [WasmType::I32] && results == promised.results && retptr == promised.retptr,
        "`{}` has another type than `{}` promises",
        result.name,
        start.name
    );
    Ok(())
}
