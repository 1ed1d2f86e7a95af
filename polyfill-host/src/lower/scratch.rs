//! A small module, made from scratch: imports, functions, and memory for what calls pass through it.

use wasm_encoder::ValType::{self, I32};
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, EntityType, ExportKind, ExportSection, Function,
    FunctionSection, GlobalSection, GlobalType, ImportSection, InstructionSink, MemArg,
    MemorySection, MemoryType, Module, TypeSection,
};
use wit_parser::abi::{WasmSignature, WasmType};

/// Where results lie.
pub const AREA: i32 = 16;

/// Where the next allocation will be: the first global.
const HEAP: u32 = 0;

/// All imports come before all functions.
#[derive(Default)]
pub struct Scratch {
    types: TypeSection,
    imports: ImportSection,
    functions: FunctionSection,
    exports: ExportSection,
    code: CodeSection,
    /// Beside [`HEAP`].
    globals: Vec<ValType>,
    /// How many functions are imported, and how many made.
    counts: (u32, u32),
    /// How much room there is for results.
    room: usize,
}

impl Scratch {
    /// An offset. Alignment is only a hint, and smallest is always allowed.
    pub fn at(offset: u64) -> MemArg {
        MemArg {
            offset,
            align: 0,
            memory_index: 0,
        }
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

    /// A global, 0 at first.
    pub fn global(&mut self, ty: ValType) -> u32 {
        self.globals.push(ty);
        self.globals.len() as u32
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

    /// An export; what its caller passed, and what it answers, is freed when the caller has copied that.
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
        let room = self.room_global();
        self.export(&name, &results, &[], &[], |body| {
            body.global_get(room).global_set(HEAP);
        });
    }

    /// The global that tells where allocations begin: behind the results. The last one.
    fn room_global(&self) -> u32 {
        self.globals.len() as u32 + 1
    }

    /// There will be so much room for results.
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
        let base = (AREA as usize + self.room).next_multiple_of(16) as i32;
        let mut globals = GlobalSection::new();
        let mut global = |val_type: ValType, value: &ConstExpr| {
            let ty = GlobalType {
                val_type,
                mutable: true,
                shared: false,
            };
            globals.global(ty, value);
        };
        global(I32, &ConstExpr::i32_const(base));
        for ty in &self.globals {
            let zero = match ty {
                ValType::I64 => ConstExpr::i64_const(0),
                _ => ConstExpr::i32_const(0),
            };
            global(*ty, &zero);
        }
        global(I32, &ConstExpr::i32_const(base));
        self.exports.export("memory", ExportKind::Memory, 0);
        module
            .section(&self.types)
            .section(&self.imports)
            .section(&self.functions)
            .section(&memories)
            .section(&globals)
            .section(&self.exports)
            .section(&self.code);
        module.finish()
    }

    /// Allocates at the end; nothing is freed before the call is over.
    fn add_realloc(&mut self) {
        let (old, old_size, align, size, at, end) = (0, 1, 2, 3, 4, 5);
        let params = [I32; 4];
        self.export("cabi_realloc", &params, &[I32], &[I32, I32], |body| {
            body.global_get(HEAP)
                .local_get(align)
                .i32_add()
                .i32_const(1)
                .i32_sub();
            body.i32_const(0).local_get(align).i32_sub().i32_and();
            body.local_tee(at).local_get(size).i32_add().local_tee(end);
            // What does not fit into 32 bits.
            body.local_get(at)
                .i32_lt_u()
                .if_(BlockType::Empty)
                .unreachable()
                .end();
            body.local_get(end)
                .memory_size(0)
                .i32_const(16)
                .i32_shl()
                .i32_gt_u();
            body.if_(BlockType::Empty);
            body.local_get(end)
                .memory_size(0)
                .i32_const(16)
                .i32_shl()
                .i32_sub();
            body.i32_const(0xffff)
                .i32_add()
                .i32_const(16)
                .i32_shr_u()
                .memory_grow(0);
            body.i32_const(-1)
                .i32_eq()
                .if_(BlockType::Empty)
                .unreachable()
                .end();
            body.end();
            body.local_get(end).global_set(HEAP);
            body.local_get(at).local_get(old);
            body.local_get(old_size).local_get(size);
            body.local_get(old_size).local_get(size).i32_lt_u().select();
            body.memory_copy(0, 0);
            body.local_get(at);
        });
    }
}

fn types(types: &[WasmType]) -> Vec<ValType> {
    let types = types.iter().map(|ty| match ty {
        WasmType::I32 | WasmType::Pointer | WasmType::Length => ValType::I32,
        WasmType::I64 | WasmType::PointerOrI64 => ValType::I64,
        WasmType::F32 => ValType::F32,
        WasmType::F64 => ValType::F64,
    });
    types.collect()
}
