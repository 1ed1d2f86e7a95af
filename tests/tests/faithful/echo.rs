//! A component for any world: its async functions return what they are given.

use std::fmt::Write;
use wit_component::{ComponentEncoder, StringEncoding, embed_component_metadata};
use wit_parser::abi::{AbiVariant, WasmType};
use wit_parser::{
    Function, LiftLowerAbi, Mangling, ManglingAndAbi, Resolve, WasmExport, WasmExportKind, WorldId,
    WorldItem, WorldKey,
};

/// The component of the world, all of whose exported functions are async and return the tuple of their parameters.
///
/// # Panics
/// If it cannot be encoded.
pub fn component(resolve: &Resolve, world: WorldId) -> Vec<u8> {
    let (mut imports, mut code) = (String::new(), String::new());
    for (key, item) in &resolve.worlds[world].exports {
        match item {
            WorldItem::Function(function) => {
                add(resolve, None, function, &mut imports, &mut code);
            }
            WorldItem::Interface { id, .. } => {
                for function in resolve.interfaces[*id].functions.values() {
                    add(resolve, Some(key), function, &mut imports, &mut code);
                }
            }
            WorldItem::Type { .. } => {}
        }
    }
    let text = format!(
        r#"(module {imports}
  (memory (export "memory") 2)
  (global $next (mut i32) (i32.const 65536))
  (func (export "cabi_realloc") (param $old i32) (param $old-size i32) (param $align i32) (param $size i32) (result i32)
    (local $at i32)
    (local.set $at (i32.and (i32.add (global.get $next) (i32.sub (local.get $align) (i32.const 1)))
      (i32.sub (i32.const 0) (local.get $align))))
    (global.set $next (i32.add (local.get $at) (local.get $size)))
    (memory.copy (local.get $at) (local.get $old) (local.get $old-size))
    (local.get $at))
{code})"#
    );
    let mut module = wat::parse_str(&text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let encode = |module: &mut Vec<u8>| {
        embed_component_metadata(module, resolve, world, StringEncoding::UTF8, false)?;
        ComponentEncoder::default()
            .validate(true)
            .module(module)?
            .encode()
    };
    encode(&mut module).unwrap_or_else(|error| panic!("{error:?}"))
}

fn add(
    resolve: &Resolve,
    interface: Option<&WorldKey>,
    function: &Function,
    imports: &mut String,
    code: &mut String,
) {
    let (module, name, returns) = function.task_return_import(resolve, interface, Mangling::Legacy);
    let lifted = resolve.wasm_signature(AbiVariant::GuestExportAsync, function);
    assert_eq!(returns.params, lifted.params, "what comes in goes out");
    let types: Vec<_> = lifted.params.iter().map(core_type).collect();
    let params = types.join(" ");
    let number = imports.lines().count();
    writeln!(
        imports,
        "  (import {module:?} {name:?} (func $return-{number} (param {params})))"
    )
    .unwrap();
    let gets: String = (0..types.len())
        .map(|i| format!("(local.get {i}) "))
        .collect();
    let abi = ManglingAndAbi::Legacy(LiftLowerAbi::AsyncCallback);
    let export = |kind| {
        resolve.wasm_export_name(
            abi,
            WasmExport::Func {
                interface,
                func: function,
                kind,
            },
        )
    };
    writeln!(
        code,
        "  (func (export {:?}) (param {params}) (result i32) (call $return-{number} {gets}) (i32.const 0))\n  \
         (func (export {:?}) (param i32 i32 i32) (result i32) unreachable)",
        export(WasmExportKind::Normal),
        export(WasmExportKind::Callback)
    )
    .unwrap();
}

fn core_type(ty: &WasmType) -> &'static str {
    match ty {
        WasmType::I32 | WasmType::Pointer | WasmType::Length => "i32",
        WasmType::I64 | WasmType::PointerOrI64 => "i64",
        WasmType::F32 => "f32",
        WasmType::F64 => "f64",
    }
}
