//! A component of the split world around a module without code: the encoder makes of it all types, imports and exports. The guest
//! takes the module's place afterwards.

use crate::error::{Error, Result};
use crate::module::{Builder, Code, Signature};
use crate::world::World;
use std::collections::BTreeMap;
use wasm_encoder::ValType::I32;
use wit_component::{ComponentEncoder, StringEncoding};

/// The realloc of the stub.
pub const REALLOC: &str = "cabi_realloc";
/// The memory of the stub.
pub const MEMORY: &str = "memory";

/// The component: it imports what is `used` of the split world, and exports `exports`.
pub fn component<'e>(
    world: &World,
    encoding: StringEncoding,
    used: &BTreeMap<(String, String), Signature>,
    exports: impl Iterator<Item = (&'e str, &'e Signature)>,
) -> Result<Vec<u8>> {
    let mut builder = Builder::default();
    for ((module, name), signature) in used {
        builder.import(module, name, signature.clone());
    }
    builder.own_memory(MEMORY);
    let realloc = Signature::new(&[I32; 4], &[I32]);
    let exports: Vec<(&str, &Signature)> = exports.collect();
    for (name, signature) in exports.into_iter().chain([(REALLOC, &realloc)]) {
        let mut code = Code::new(signature.params.len());
        code.push([wasm_encoder::Instruction::Unreachable]);
        let func = builder.func(name, signature.clone(), code);
        builder.export(name, func);
    }
    let mut module = builder.finish();
    wit_component::embed_component_metadata(
        &mut module,
        &world.split.resolve,
        world.split.world,
        encoding,
        false,
    )
    .map_err(|error| Error::internal(format!("{error:#}")))?;
    let encode = || {
        ComponentEncoder::default()
            .module(&module)?
            // Imports keep the names that the guest has for them.
            .merge_imports_based_on_semver(false)
            .validate(false)
            .encode()
    };
    encode().map_err(|error| Error::internal(format!("the split world is not encoded: {error:#}")))
}
