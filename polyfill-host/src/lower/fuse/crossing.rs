//! Functions between a module that imports and one that exports, where both share a memory: what the canonical ABI does between
//! components, without the checks.
//!
//! Numbers pass as they are, and so do handles: they are representations here, or the host's. Whoever is given a list owns
//! it, so lists are copied into memory that the receiver has allocated.

use super::super::module::Names;
use super::super::scratch::val_type;
use super::super::walk::{Code, Layout, Visitor, Walk, at, cases, contains};
use anyhow::{Context, Result};
use wasm_encoder::ValType::{I32, I64};
use wasm_encoder::{BlockType, Function, Instruction};
use wit_parser::abi::{AbiVariant, FlatTypes, WasmSignature, WasmType};
use wit_parser::{Resolve, SizeAlign, Type, TypeDefKind, TypeId};

/// The functions that a crossing calls.
pub struct Called {
    /// What is crossed to.
    pub function: u32,
    /// Frees what it has answered.
    pub post: Option<u32>,
    /// Allocates for the caller, and for the callee.
    pub caller: Option<u32>,
    pub callee: Option<u32>,
}

/// Whether there is nothing to do but to call.
pub fn is_plain(resolve: &Resolve, function: &wit_parser::Function) -> bool {
    let signature = resolve.wasm_signature(AbiVariant::GuestImport, function);
    let mut params = function.params.iter();
    !signature.indirect_params && !signature.retptr && !params.any(|p| has_lists(resolve, &p.ty))
}

/// Whether there is a list, or string, in a value of this type.
pub fn has_lists(resolve: &Resolve, ty: &Type) -> bool {
    contains(resolve, ty, &|ty| is_list(resolve, ty))
}

fn is_list(resolve: &Resolve, ty: &Type) -> bool {
    match ty {
        Type::String => true,
        Type::Id(id) => matches!(resolve.types[*id].kind, TypeDefKind::List(_)),
        _ => false,
    }
}

/// The function that the importing module calls instead.
///
/// # Errors
/// If somebody has to allocate who does not know how.
pub fn crossing(
    resolve: &Resolve,
    sizes: &SizeAlign,
    function: &wit_parser::Function,
    called: &Called,
) -> Result<Function> {
    let imported = resolve.wasm_signature(AbiVariant::GuestImport, function);
    let count = imported.params.len() as u32;
    let mut walk = Walk {
        resolve,
        sizes,
        visitor: Copies {
            realloc: called.callee,
        },
        code: Code::new(count),
    };
    let values = count - u32::from(imported.retptr);
    if imported.indirect_params {
        let types = function.params.iter().map(|param| &param.ty);
        walk.record(types)?;
    } else {
        let mut place = 0;
        for param in &function.params {
            walk.flat(&param.ty, &imported, &mut place)?;
        }
        let params = (0..values).map(Instruction::LocalGet);
        walk.code.push(params);
    }
    walk.code.push([Instruction::Call(called.function)]);

    let result = function.result.as_ref();
    if imported.retptr {
        let to = values;
        let from = walk.code.local(I32);
        walk.code.push([Instruction::LocalSet(from)]);
        let ty = result.context("a function without a result has room for one")?;
        walk.copy(to, from, Layout::of(sizes, ty).size);
        walk.visitor.realloc = called.caller;
        walk.value(ty, to, 0)?;
        if let Some(post) = called.post {
            walk.code
                .push([Instruction::LocalGet(from), Instruction::Call(post)]);
        }
    } else if let Some(post) = called.post {
        if let [ty] = imported.results[..] {
            let kept = walk.code.local(val_type(ty));
            walk.code.push([Instruction::LocalTee(kept), Instruction::LocalGet(kept)]);
        }
        walk.code.push([Instruction::Call(post)]);
    }
    Ok(walk.code.function(&Names::default()))
}

/// Copies lists for whoever has this function to allocate with.
struct Copies {
    realloc: Option<u32>,
}

impl Copies {
    /// Copies the items of the list that begins where the local `items` says, which says then where the copy is.
    fn copy(&self, code: &mut Code, items: u32, count: u32, item: Layout) -> Result<()> {
        let realloc = self.realloc.context("a module exports no `cabi_realloc`")?;
        let (to, length) = (code.local(I32), code.local(I32));
        let align = Instruction::I32Const(item.align.cast_signed());
        code.push([
            Instruction::LocalGet(count),
            Instruction::I32Const(item.size.cast_signed()),
            Instruction::I32Mul,
            Instruction::LocalSet(length),
            Instruction::I32Const(0),
            Instruction::I32Const(0),
            align,
            Instruction::LocalGet(length),
            Instruction::Call(realloc),
            Instruction::LocalTee(to),
            Instruction::LocalGet(items),
            Instruction::LocalGet(length),
            Instruction::MemoryCopy {
                src_mem: 0,
                dst_mem: 0,
            },
            Instruction::LocalGet(to),
            Instruction::LocalSet(items),
        ]);
        Ok(())
    }
}

impl Visitor for Copies {
    fn wants(&self, resolve: &Resolve, ty: &Type) -> bool {
        is_list(resolve, ty)
    }

    fn handle(&mut self, _: &mut Code, _: TypeId, _: u32, _: u64) -> Result<()> {
        Ok(())
    }

    fn list(
        &mut self,
        code: &mut Code,
        (base, offset): (u32, u64),
        (items, count): (u32, u32),
        item: Layout,
    ) -> Result<()> {
        self.copy(code, items, count, item)?;
        code.push([
            Instruction::LocalGet(base),
            Instruction::LocalGet(items),
            Instruction::I32Store(at(offset)),
        ]);
        Ok(())
    }
}

impl Walk<'_, Copies> {
    /// Copies `size` bytes, word for word if they are few.
    fn copy(&mut self, to: u32, from: u32, size: u32) {
        const FEW: u32 = 64;
        if size > FEW {
            self.code.push([
                Instruction::LocalGet(to),
                Instruction::LocalGet(from),
                Instruction::I32Const(size.cast_signed()),
                Instruction::MemoryCopy {
                    src_mem: 0,
                    dst_mem: 0,
                },
            ]);
            return;
        }
        let mut done = 0;
        while done < size {
            let at = at(u64::from(done));
            let (load, store, width) = match size - done {
                8.. => (Instruction::I64Load(at), Instruction::I64Store(at), 8),
                4.. => (Instruction::I32Load(at), Instruction::I32Store(at), 4),
                2.. => (Instruction::I32Load16U(at), Instruction::I32Store16(at), 2),
                _ => (Instruction::I32Load8U(at), Instruction::I32Store8(at), 1),
            };
            self.code.push([
                Instruction::LocalGet(to),
                Instruction::LocalGet(from),
                load,
                store,
            ]);
            done += width;
        }
    }

    /// Parameters that lie in memory, where the first one says: a copy of them, which the callee owns, is on the stack then.
    fn record<'t>(&mut self, types: impl Iterator<Item = &'t Type> + Clone) -> Result<()> {
        let offsets = self.sizes.field_offsets(types.clone());
        let info = self.sizes.record(types);
        let layout = Layout {
            size: info.size.size_wasm32() as u32,
            align: info.align.align_wasm32() as u32,
        };
        let (base, one) = (self.code.local(I32), self.code.local(I32));
        self.code.push([
            Instruction::LocalGet(0),
            Instruction::LocalSet(base),
            Instruction::I32Const(1),
            Instruction::LocalSet(one),
        ]);
        self.visitor.copy(&mut self.code, base, one, layout)?;
        for (offset, ty) in offsets {
            self.value(ty, base, offset.size_wasm32() as u64)?;
        }
        self.code.push([Instruction::LocalGet(base)]);
        Ok(())
    }

    /// A parameter that is in locals, from `place` on.
    fn flat(&mut self, ty: &Type, signature: &WasmSignature, place: &mut u32) -> Result<()> {
        let begin = *place;
        *place += self.width(ty);
        if !self.concerns(ty) {
            return Ok(());
        }
        let Type::Id(id) = ty else {
            self.flat_list(None, signature, begin)?;
            return Ok(());
        };
        let resolve = self.resolve;
        let mut within = begin;
        match &resolve.types[*id].kind {
            TypeDefKind::Type(ty) => self.flat(ty, signature, &mut within),
            TypeDefKind::List(item) => self.flat_list(Some(item), signature, begin),
            TypeDefKind::Record(record) => record
                .fields
                .iter()
                .try_for_each(|field| self.flat(&field.ty, signature, &mut within)),
            TypeDefKind::Tuple(tuple) => tuple
                .types
                .iter()
                .try_for_each(|ty| self.flat(ty, signature, &mut within)),
            kind => {
                let (_, cases) = cases(resolve, kind).context("an unexpected kind of type")?;
                for (number, ty) in (0..).zip(cases) {
                    let Some(ty) = ty.filter(|ty| self.concerns(ty)) else {
                        continue;
                    };
                    self.code.push([
                        Instruction::LocalGet(begin),
                        Instruction::I32Const(number),
                        Instruction::I32Eq,
                        Instruction::If(BlockType::Empty),
                    ]);
                    self.flat(&ty, signature, &mut (begin + 1))?;
                    self.code.push([Instruction::End]);
                }
                Ok(())
            }
        }
    }

    /// A list, or a string without `item`: in two locals, which may be wider if other cases of a variant need that.
    fn flat_list(&mut self, item: Option<&Type>, signature: &WasmSignature, place: u32) -> Result<()> {
        let layout = item.map_or(Layout::BYTE, |item| Layout::of(self.sizes, item));
        let is_wide = |local: u32| val_type(signature.params[local as usize]) == I64;
        let list = [self.code.local(I32), self.code.local(I32)];
        for (local, from) in list.into_iter().zip(place..) {
            self.code.push([Instruction::LocalGet(from)]);
            if is_wide(from) {
                self.code.push([Instruction::I32WrapI64]);
            }
            self.code.push([Instruction::LocalSet(local)]);
        }
        let [items, count] = list;
        self.visitor.copy(&mut self.code, items, count, layout)?;
        self.code.push([Instruction::LocalGet(items)]);
        if is_wide(place) {
            self.code.push([Instruction::I64ExtendI32U]);
        }
        self.code.push([Instruction::LocalSet(place)]);
        match item {
            Some(item) => self.items(item, (items, count)),
            None => Ok(()),
        }
    }

    /// How many locals a parameter is in: as many as its type says, since all of them together are few.
    fn width(&self, ty: &Type) -> u32 {
        let mut types = [WasmType::I32; 16];
        let mut flat = FlatTypes::new(&mut types);
        self.resolve.push_flat(ty, &mut flat);
        flat.to_vec().len() as u32
    }
}
