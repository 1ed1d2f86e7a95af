//! Makes the function that drops the handles in an item that no reader takes.

use super::module::{Changes, NewFunction, NewImport};
use super::part;
use super::walk::{Code, Layout, Visitor, Walk, at, contains};
use anyhow::{Context, Result};
use wasm_encoder::Instruction;
use wasm_encoder::ValType::I32;
use wit_parser::{Resolve, SizeAlign, Type, TypeDefKind, TypeId};

/// Whether values of this type contain handles.
pub fn has_handles(resolve: &Resolve, ty: &Type) -> bool {
    contains(resolve, ty, &|ty| is_handle(resolve, ty))
}

fn is_handle(resolve: &Resolve, ty: &Type) -> bool {
    matches!(ty, Type::Id(id) if matches!(resolve.types[*id].kind, TypeDefKind::Handle(_)))
}

/// An item whose handles have to be dropped if no reader takes it.
pub struct Disposal<'a> {
    pub resolve: &'a Resolve,
    pub sizes: &'a SizeAlign,
    /// Its type.
    pub item: &'a Type,
    /// Whether the module exports an interface.
    pub own: &'a dyn Fn(&str) -> bool,
}

impl Disposal<'_> {
    /// Adds the function `name`, which drops the handles in the item at its parameter, an address.
    pub fn add(self, changes: &mut Changes<'_>, name: String) -> Result<()> {
        let Disposal {
            resolve,
            sizes,
            item,
            own,
        } = self;
        let mut walk = Walk {
            resolve,
            sizes,
            visitor: Drops {
                changes,
                resolve,
                own,
            },
            code: Code::new(1),
        };
        walk.value(item, 0, 0)?;
        let code = walk.code;
        changes.functions.push(NewFunction {
            name,
            params: vec![I32],
            results: vec![],
            body: Box::new(move |names| code.function(names)),
        });
        Ok(())
    }
}

/// Drops handles.
struct Drops<'a, 'c> {
    changes: &'a mut Changes<'c>,
    resolve: &'a Resolve,
    own: &'a dyn Fn(&str) -> bool,
}

impl Visitor for Drops<'_, '_> {
    fn wants(&self, resolve: &Resolve, ty: &Type) -> bool {
        is_handle(resolve, ty)
    }

    fn handle(&mut self, code: &mut Code, resource: TypeId, base: u32, offset: u64) -> Result<()> {
        let function = self.import_drop(resource)?;
        code.push([
            Instruction::LocalGet(base),
            Instruction::I32Load(at(offset)),
        ]);
        code.call(function);
        Ok(())
    }

    fn list(&mut self, _: &mut Code, _: (u32, u64), _: (u32, u32), _: Layout) -> Result<()> {
        Ok(())
    }
}

impl Drops<'_, '_> {
    /// The function that drops a handle, imported once.
    fn import_drop(&mut self, resource: TypeId) -> Result<String> {
        let (ty, interface) = part::resource(self.resolve, resource);
        let interface = interface.context("a pipe carries a resource of no interface")?;
        let module = if (self.own)(&interface) {
            format!("[export]{interface}")
        } else {
            interface
        };
        let name = format!("[resource-drop]{}", ty.name.as_deref().unwrap_or_default());
        let function = format!("{module}#{name}");
        let mut imports = self.changes.imports.iter();
        if !imports.any(|import| import.module == module && import.name == name) {
            self.changes.imports.push(NewImport {
                module,
                name,
                params: vec![I32],
                results: vec![],
            });
        }
        Ok(function)
    }
}
