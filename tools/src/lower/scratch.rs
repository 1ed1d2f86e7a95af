//! A small module, made from scratch: imports, functions, and memory for the values that calls pass. All its addresses are in
//! globals, so it can be moved into the memory of another.

use super::place::{PAGE, SECTION};
use std::borrow::Cow;
use wasm_encoder::ValType::{self, I32};
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, CustomSection, Encode, EntityType, ExportKind,
    ExportSection, Function, FunctionSection, GlobalSection, GlobalType, ImportSection,
    InstructionSink, MemorySection, MemoryType, Module, TypeSection,
};
use wit_parser::abi::{WasmSignature, WasmType};

/// The offset of results in the memory.
const AREA: i32 = 16;

/// The first globals: the start of the memory, the next allocation, the end of the room for allocations, and the first
/// allocation, which is after the results.
const BASE: u32 = 0;
const HEAP: u32 = 1;
const END: u32 = 2;
const ROOM: u32 = 3;

/// All imports come before all functions.
#[derive(Default)]
pub struct Scratch {
    types: TypeSection,
    imports: ImportSection,
    functions: FunctionSection,
    exports: ExportSection,
    code: CodeSection,
    /// Globals beside our own.
    globals: Vec<ValType>,
    /// The number of imported functions, and of made ones.
    counts: (u32, u32),
    /// The room for results.
    room: usize,
}

impl Scratch {
    /// Pushes the address `offset` bytes into the results.
    pub fn area(body: &mut InstructionSink<'_>, offset: i32) {
        body.global_get(BASE).i32_const(AREA + offset).i32_add();
    }

    fn ty(&mut self, params: &[ValType], results: &[ValType]) -> u32 {
        let ty = self.types.len();
        let (params, results) = (params.iter().copied(), results.iter().copied());
        self.types.ty().function(params, results);
        ty
    }

    pub fn import(
        &mut self,
        module: &str,
        name: &str,
        params: &[ValType],
        results: &[ValType],
    ) -> u32 {
        assert_eq!(self.counts.1, 0, "imports come before functions");
        let ty = self.ty(params, results);
        self.imports.import(module, name, EntityType::Function(ty));
        self.counts.0 += 1;
        self.counts.0 - 1
    }

    pub fn import_of(&mut self, module: &str, name: &str, signature: &WasmSignature) -> u32 {
        self.import(
            module,
            name,
            &types(&signature.params),
            &types(&signature.results),
        )
    }

    /// Adds a global, initially 0.
    pub fn global(&mut self, ty: ValType) -> u32 {
        self.globals.push(ty);
        ROOM + self.globals.len() as u32
    }

    pub fn function(
        &mut self,
        params: &[ValType],
        results: &[ValType],
        locals: &[ValType],
        body: impl FnOnce(&mut InstructionSink<'_>),
    ) -> u32 {
        let ty = self.ty(params, results);
        self.functions.function(ty);
        let mut function = Function::new(locals.iter().map(|ty| (1, *ty)));
        body(&mut function.instructions());
        function.instructions().end();
        self.code.function(&function);
        self.counts.1 += 1;
        self.counts.0 + self.counts.1 - 1
    }

    pub fn export(
        &mut self,
        name: &str,
        params: &[ValType],
        results: &[ValType],
        locals: &[ValType],
        body: impl FnOnce(&mut InstructionSink<'_>),
    ) {
        let function = self.function(params, results, locals, body);
        self.exports.export(name, ExportKind::Func, function);
    }

    /// Adds an export. Its parameters and its result are freed when the caller has copied the result.
    pub fn export_of(
        &mut self,
        name: &str,
        signature: &WasmSignature,
        locals: &[ValType],
        body: impl FnOnce(&mut InstructionSink<'_>),
    ) {
        let results = types(&signature.results);
        self.export(name, &types(&signature.params), &results, locals, body);
        let name = format!("cabi_post_{name}");
        self.export(&name, &results, &[], &[], |body| {
            body.global_get(ROOM).global_set(HEAP);
        });
    }

    /// Makes room for results of this size.
    pub fn need(&mut self, bytes: usize) {
        self.room = self.room.max(bytes);
    }

    pub fn finish(mut self) -> Vec<u8> {
        self.add_realloc();
        let mut module = Module::new();
        let mut memories = MemorySection::new();
        memories.memory(MemoryType {
            minimum: 1,
            maximum: None,
            memory64: false,
            shared: false,
            page_size_log2: None,
        });
        let room = (AREA as usize + self.room).next_multiple_of(16) as i32;
        let mut globals = GlobalSection::new();
        let mut global = |val_type: ValType, value: &ConstExpr| {
            let ty = GlobalType {
                val_type,
                mutable: true,
                shared: false,
            };
            globals.global(ty, value);
        };
        let addresses = [0, room, PAGE.cast_signed(), room];
        for address in addresses {
            global(I32, &ConstExpr::i32_const(address));
        }
        for ty in &self.globals {
            let zero = match ty {
                ValType::I64 => ConstExpr::i64_const(0),
                _ => ConstExpr::i32_const(0),
            };
            global(*ty, &zero);
        }
        self.exports.export("memory", ExportKind::Memory, 0);
        module
            .section(&self.types)
            .section(&self.imports)
            .section(&self.functions)
            .section(&memories)
            .section(&globals)
            .section(&self.exports)
            .section(&self.code)
            .section(&CustomSection {
                name: SECTION.into(),
                data: Cow::Owned(places()),
            });
        module.finish()
    }

    /// Adds the allocating function. It allocates at the end; nothing is freed before the call is over.
    fn add_realloc(&mut self) {
        let (old, old_size, align, size, to, end) = (0, 1, 2, 3, 4, 5);
        let params = [I32; 4];
        let aligned = |body: &mut InstructionSink<'_>| {
            body.global_get(HEAP)
                .local_get(align)
                .i32_add()
                .i32_const(1)
                .i32_sub();
            body.i32_const(0).local_get(align).i32_sub().i32_and();
            body.local_tee(to).local_get(size).i32_add().local_tee(end);
            // The size may not fit into 32 bits.
            body.local_get(to)
                .i32_lt_u()
                .if_(BlockType::Empty)
                .unreachable()
                .end();
        };
        self.export("cabi_realloc", &params, &[I32], &[I32, I32], |body| {
            aligned(body);
            body.local_get(end).global_get(END).i32_gt_u();
            body.if_(BlockType::Empty);
            // Asks for as many pages as the allocation takes by itself. If they don't follow the old ones, allocation goes on
            // in the new ones.
            body.local_get(size)
                .i32_const(16)
                .i32_shr_u()
                .i32_const(1)
                .i32_add()
                .local_tee(end)
                .memory_grow(0)
                .local_tee(to)
                .i32_const(-1)
                .i32_eq()
                .if_(BlockType::Empty)
                .unreachable()
                .end();
            body.local_get(to).i32_const(16).i32_shl().global_get(END);
            body.i32_ne().if_(BlockType::Empty);
            body.local_get(to)
                .i32_const(16)
                .i32_shl()
                .global_set(HEAP)
                .global_get(HEAP)
                .global_set(ROOM);
            body.end();
            body.local_get(to)
                .local_get(end)
                .i32_add()
                .i32_const(16)
                .i32_shl()
                .global_set(END);
            aligned(body);
            body.end();
            body.local_get(end).global_set(HEAP);
            body.local_get(to).local_get(old);
            body.local_get(old_size).local_get(size);
            body.local_get(old_size).local_get(size).i32_lt_u().select();
            body.memory_copy(0, 0);
            body.local_get(to);
        });
    }
}

/// The content of [`SECTION`]: a page of memory, no stack, and addresses only in the first globals.
fn places() -> Vec<u8> {
    let (bounds, stack) = ([0, PAGE, PAGE, PAGE, PAGE], 0);
    let globals = [4, BASE, HEAP, END, ROOM];
    let mut places = Vec::new();
    for number in bounds
        .into_iter()
        .chain([stack])
        .chain(globals)
        .chain([0; 5])
    {
        number.encode(&mut places);
    }
    places
}

/// The wasm types of numbers of the canonical ABI.
pub fn types(types: &[WasmType]) -> Vec<ValType> {
    types.iter().map(|ty| val_type(*ty)).collect()
}

/// The wasm type of a number of the canonical ABI.
pub fn val_type(ty: WasmType) -> ValType {
    match ty {
        WasmType::I32 | WasmType::Pointer | WasmType::Length => ValType::I32,
        WasmType::I64 | WasmType::PointerOrI64 => ValType::I64,
        WasmType::F32 => ValType::F32,
        WasmType::F64 => ValType::F64,
    }
}
