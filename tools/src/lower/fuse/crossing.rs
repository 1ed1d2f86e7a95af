//! Makes functions between two modules that share a memory. They do what the canonical ABI does between components, without the
//! checks.
//!
//! Numbers pass unchanged, and so do handles: they are representations here, or the host's. The receiver of a list owns it, so
//! lists are copied into memory that the receiver has allocated.

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
    /// The called function.
    pub function: u32,
    /// Frees its result.
    pub post: Option<u32>,
    /// The allocating functions of the caller and the callee.
    pub caller: Option<u32>,
    pub callee: Option<u32>,
}

/// Whether a plain call is enough.
pub fn is_plain(resolve: &Resolve, function: &wit_parser::Function) -> bool {
    let signature = resolve.wasm_signature(AbiVariant::GuestImport, function);
    let mut params = function.params.iter();
    !signature.indirect_params && !signature.retptr && !params.any(|p| has_lists(resolve, &p.ty))
}

/// Whether values of this type contain lists or strings.
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
/// If a member that has to allocate has no function for it.
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
            walk.code
                .push([Instruction::LocalTee(kept), Instruction::LocalGet(kept)]);
        }
        walk.code.push([Instruction::Call(post)]);
    }
    Ok(walk.code.function(&Names::default()))
}

/// Copies lists for the member with this allocating function.
struct Copies {
    realloc: Option<u32>,
}

impl Copies {
    /// Copies the items of the list at the address in the local `items`, which then has the address of the copy.
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

    /// Copies parameters in memory, whose address is the first parameter. The address of the copy, which the callee owns, is on
    /// the stack then.
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

    /// Pushes a parameter that is in locals from `place` on.
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

    /// Pushes a list, or a string without `item`. It is in two locals, which may be wider if other cases of a variant need
    /// that.
    fn flat_list(
        &mut self,
        item: Option<&Type>,
        signature: &WasmSignature,
        place: u32,
    ) -> Result<()> {
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

    /// How many locals a parameter is in: all of its flat values, since all parameters together are few.
    fn width(&self, ty: &Type) -> u32 {
        let mut types = [WasmType::I32; 16];
        let mut flat = FlatTypes::new(&mut types);
        self.resolve.push_flat(ty, &mut flat);
        flat.to_vec().len() as u32
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::module::{Changes, NewFunction, change};
    use super::*;
    use wasmtime::{Engine, Instance, Module, Store, Val};

    const WIT: &str = "package t:t;
        interface i {
            variant v { number(u64), text(string), lists(list<list<u8>>) }
            f: func(x: v, s: list<option<string>>) -> result<list<string>, v>;
            many: func(a: string, b: string, c: string, d: string, e: string, f: string, g: string,
                h: string, i: u64) -> u64;
            plain: func(a: u32, b: option<u64>) -> u32;
        }
        world w { import i; }";

    /// Addresses show who has allocated: the caller from 10000 on, the callee from 20000 on. `f` returns its text, and the
    /// first of the strings; `many` the length of the last one, and the number.
    const MODULE: &str = r#"(module
        (memory (export "memory") 1)
        (global $caller (mut i32) (i32.const 10000))
        (global $callee (mut i32) (i32.const 20000))
        (global $freed (export "freed") (mut i32) (i32.const 0))
        (func $caller (export "caller") (param i32 i32 i32 i32) (result i32)
            (global.get $caller)
            (global.set $caller (i32.add (global.get $caller) (i32.and (i32.add (local.get 3) (i32.const 15)) (i32.const -16)))))
        (func $callee (export "callee") (param i32 i32 i32 i32) (result i32)
            (global.get $callee)
            (global.set $callee (i32.add (global.get $callee) (i32.and (i32.add (local.get 3) (i32.const 15)) (i32.const -16)))))
        (func $f (export "f") (param $case i32) (param $x i64) (param $y i32) (param $s i32) (param $n i32) (result i32)
            (if (i32.ne (local.get $case) (i32.const 1)) (then unreachable))
            (i32.store8 (i32.const 500) (i32.const 0))
            (i32.store (i32.const 508) (i32.const 600))
            (i32.store (i32.const 512) (i32.const 2))
            (i32.store (i32.const 600) (i32.wrap_i64 (local.get $x)))
            (i32.store (i32.const 604) (local.get $y))
            (i32.store (i32.const 608) (i32.load offset=4 (local.get $s)))
            (i32.store (i32.const 612) (i32.load offset=8 (local.get $s)))
            (i32.const 500))
        (func $post (export "post") (param i32) (global.set $freed (local.get 0)))
        (func $many (export "many") (param $at i32) (result i64)
            (if (i32.lt_u (local.get $at) (i32.const 20000)) (then unreachable))
            (if (i32.lt_u (i32.load offset=56 (local.get $at)) (i32.const 20000)) (then unreachable))
            (i64.add (i64.load offset=64 (local.get $at)) (i64.load32_u offset=60 (local.get $at)))))"#;

    fn called(function: u32, post: Option<u32>) -> Called {
        Called {
            function,
            post,
            caller: Some(0),
            callee: Some(1),
        }
    }

    /// The module, with the crossing to a function of it as the export `crossing`.
    fn instantiate(name: &str, called: &Called) -> (Store<()>, Instance) {
        let mut resolve = Resolve::default();
        resolve.push_source("t.wit", WIT).unwrap();
        let mut sizes = SizeAlign::default();
        sizes.fill(&resolve).unwrap();
        let (_, interface) = resolve.interfaces.iter().next().unwrap();
        let function = &interface.functions[name];
        assert!(!is_plain(&resolve, function));
        assert!(is_plain(&resolve, &interface.functions["plain"]));
        let signature = resolve.wasm_signature(AbiVariant::GuestImport, function);
        let types = |types: &[_]| types.iter().map(|ty| val_type(*ty)).collect();
        let body = crossing(&resolve, &sizes, function, called).unwrap();
        let changes = Changes {
            trap: &|_, _| false,
            keep: &|_| true,
            imports: vec![],
            functions: vec![NewFunction {
                name: "crossing".to_owned(),
                params: types(&signature.params),
                results: types(&signature.results),
                body: Box::new(move |_| body.clone()),
            }],
        };
        let module = change(&wat::parse_str(MODULE).unwrap(), &changes).unwrap();
        let engine = Engine::default();
        let module = Module::new(&engine, module).unwrap();
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).unwrap();
        (store, instance)
    }

    #[test]
    fn lists_are_copied_for_their_receiver() {
        let (mut store, instance) = instantiate("f", &called(2, Some(3)));
        let memory = instance.get_memory(&mut store, "memory").unwrap();
        memory.write(&mut store, 100, b"text").unwrap();
        memory.write(&mut store, 110, b"first").unwrap();
        let option = [1, 0, 0, 0, 110, 0, 0, 0, 5, 0, 0, 0];
        memory.write(&mut store, 200, &option).unwrap();
        let f = instance.get_func(&mut store, "crossing").unwrap();
        let arguments = [1, 0, 4, 200, 1, 304].map(Val::I32);
        let mut arguments = arguments.to_vec();
        arguments[1] = Val::I64(100);
        f.call(&mut store, &arguments, &mut []).unwrap();

        let data = memory.data(&store);
        let word = |at: usize| u32::from_le_bytes(data[at..at + 4].try_into().unwrap()) as usize;
        assert_eq!(data[304], 0);
        let (strings, count) = (word(312), word(316));
        assert_eq!(count, 2);
        for (at, text) in [(strings, "text"), (strings + 8, "first")] {
            let (begin, length) = (word(at), word(at + 4));
            assert_eq!(&data[begin..begin + length], text.as_bytes());
            assert!((10_000..20_000).contains(&begin));
        }
        // The callee had its own copies, and its post-return function was called.
        assert!((20_000..30_000).contains(&word(600)));
        assert!((20_000..30_000).contains(&word(608)));
        assert_eq!(word(204), 110);
        let freed = instance.get_global(&mut store, "freed").unwrap();
        assert_eq!(freed.get(&mut store).i32(), Some(500));
    }

    #[test]
    fn parameters_in_memory_are_copied_too() {
        let (mut store, instance) = instantiate("many", &called(4, None));
        let memory = instance.get_memory(&mut store, "memory").unwrap();
        memory.write(&mut store, 100, b"eight").unwrap();
        let mut record = [[100_u32, 5]; 8].concat();
        record.extend([37, 0]);
        let record: Vec<u8> = record.into_iter().flat_map(u32::to_le_bytes).collect();
        memory.write(&mut store, 200, &record).unwrap();
        let many = instance
            .get_typed_func::<i32, i64>(&mut store, "crossing")
            .unwrap();
        assert_eq!(many.call(&mut store, 200).unwrap(), 42);
    }

    #[test]
    fn members_without_an_allocator_are_given_no_lists() {
        let mut resolve = Resolve::default();
        resolve.push_source("t.wit", WIT).unwrap();
        let mut sizes = SizeAlign::default();
        sizes.fill(&resolve).unwrap();
        let (_, interface) = resolve.interfaces.iter().next().unwrap();
        let called = Called {
            callee: None,
            ..called(2, None)
        };
        let refused = crossing(&resolve, &sizes, &interface.functions["f"], &called);
        assert!(refused.is_err());
    }
}
