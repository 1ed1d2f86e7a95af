//! Whether values have the same canonical layout on both sides of a split, flat and in memory: bindings rely on it.

use isyswasfa_wit::{Split, SplitKind};
use wit_parser::abi::AbiVariant;
use wit_parser::{Function, FunctionKind, Param, Resolve, SizeAlign, Type, TypeDefKind};

/// Compares the types and functions of all that moved in `split`, and the payloads of its pipes.
pub fn check(split: &Split) -> Result<(), String> {
    let resolve = &split.resolve;
    let mut sizes = SizeAlign::default();
    // This visits types in the order of their ids, so it also shows that no type stands before one that it mentions.
    sizes.fill(resolve).map_err(|error| error.to_string())?;
    let layouts = Layouts { resolve, sizes };

    for (old, new) in &split.interfaces {
        let (old_interface, new_interface) = (&resolve.interfaces[*old], &resolve.interfaces[*new]);
        for (name, id) in &old_interface.types {
            layouts.same(Type::Id(*id), Type::Id(new_interface.types[name]), name)?;
        }
        for (name, function) in &old_interface.functions {
            let note = split.functions.get(&(Some(*old), name.clone()));
            let find = |name: &str| new_interface.functions.get(name);
            match note.map(|note| &note.kind) {
                Some(SplitKind::Async { start, result }) => {
                    layouts.same_params(function, find(start).unwrap(), name)?;
                    layouts.same_result(function, find(result).unwrap(), name)?;
                }
                Some(SplitKind::Renamed { name: new }) => {
                    layouts.same_function(function, find(new).unwrap(), name)?
                }
                Some(_) => unreachable!(),
                None => layouts.same_function(function, find(name).unwrap(), name)?,
            }
        }
    }
    for pipe in split.pipes.values() {
        if let (Some(old), Some(new)) = (pipe.payload, pipe.split_payload) {
            layouts.same(old, new, &pipe.name)?;
        }
        if pipe.payload.is_some() != pipe.split_payload.is_some() {
            return Err(format!("`{}` has lost its payload", pipe.name));
        }
    }
    Ok(())
}

struct Layouts<'a> {
    resolve: &'a Resolve,
    sizes: SizeAlign,
}

impl Layouts<'_> {
    fn same(&self, old: Type, new: Type, name: &str) -> Result<(), String> {
        if self.is_resource(new) {
            return Ok(()); // not a type of values
        }
        let layout = |ty| {
            (
                self.sizes.size(&ty),
                self.sizes.align(&ty),
                self.flat(&[ty]),
            )
        };
        if layout(old) == layout(new) {
            Ok(())
        } else {
            Err(format!(
                "`{name}` has another layout: {:?}, {:?}",
                layout(old),
                layout(new)
            ))
        }
    }

    fn same_params(&self, old: &Function, new: &Function, name: &str) -> Result<(), String> {
        let types = |function: &Function| {
            function
                .params
                .iter()
                .map(|param| param.ty)
                .collect::<Vec<_>>()
        };
        let (old, new) = (types(old), types(new));
        if old.len() != new.len() || self.flat(&old) != self.flat(&new) {
            return Err(format!("`{name}` has other parameters"));
        }
        old.iter()
            .zip(new)
            .try_for_each(|(old, new)| self.same(*old, new, name))
    }

    fn same_result(&self, old: &Function, new: &Function, name: &str) -> Result<(), String> {
        match (old.result, new.result) {
            (Some(old), Some(new)) => self.same(old, new, name),
            (None, None) => Ok(()),
            _ => Err(format!("`{name}` has another result")),
        }
    }

    fn same_function(&self, old: &Function, new: &Function, name: &str) -> Result<(), String> {
        self.same_params(old, new, name)?;
        self.same_result(old, new, name)
    }

    /// The core types that values of `types` are passed as.
    fn flat(&self, types: &[Type]) -> wit_parser::abi::WasmSignature {
        let param = |ty: &Type| Param {
            name: String::new(),
            ty: *ty,
            span: Default::default(),
        };
        let function = Function {
            name: String::new(),
            kind: FunctionKind::Freestanding,
            params: types.iter().map(param).collect(),
            result: None,
            docs: Default::default(),
            stability: Default::default(),
            span: Default::default(),
            external_id: None,
        };
        self.resolve
            .wasm_signature(AbiVariant::GuestImport, &function)
    }

    fn is_resource(&self, ty: Type) -> bool {
        match ty {
            Type::Id(id) => match self.resolve.types[id].kind {
                TypeDefKind::Resource => true,
                TypeDefKind::Type(ty) => self.is_resource(ty),
                _ => false,
            },
            _ => false,
        }
    }
}
