//! The synthesized functions that grow the memory that the guest and our modules share.
//!
//! Pages are handed out one after the other, and never twice. To each member it looks as if others grew the memory between its
//! calls. The pages of two calls in a row are contiguous, and each page is zero.
//!
//! The guest's `sbrk` asks for two more things. `sbrk(0)` returns the end of the guest's own memory. `malloc` calls it to learn
//! how much it got, and older versions assume that all memory below the first result is theirs. `sbrk` of a negative number
//! gives back the pages of the last call. `malloc` does so when the second step of a growth fails, since the first was not
//! contiguous. wasi-libc's own `sbrk` aborts then; without our modules that never happens.

use wasm_encoder::ValType::I32;
use wasm_encoder::{BlockType, Function, InstructionSink};

/// Indices of the globals that count pages that were handed out.
#[derive(Clone, Copy)]
pub struct Handed {
    /// The first unused page.
    pub spare: u32,
    /// The end of the pages that the guest got last.
    pub guest_end: u32,
    /// The number of those pages. 0: they were given back.
    pub guest_last: u32,
}

impl Handed {
    /// `memory.grow`, for all members.
    pub fn grow(self) -> Function {
        const PAGES: u32 = 0;
        const LEFT: u32 = 1;
        let mut function = Function::new([(1, I32)]);
        let mut body = function.instructions();
        // Existing pages come first: growth costs a host two system calls, which it has to undo.
        body.memory_size(0)
            .global_get(self.spare)
            .i32_sub()
            .local_tee(LEFT)
            .local_get(PAGES)
            .i32_lt_u()
            .if_(BlockType::Empty)
            .local_get(PAGES)
            .local_get(LEFT)
            .i32_sub()
            .memory_grow(0);
        return_if_failed(&mut body);
        body.end()
            .global_get(self.spare)
            .global_get(self.spare)
            .local_get(PAGES)
            .i32_add()
            .global_set(self.spare)
            .end();
        function
    }

    /// `memory.grow` for the guest, by the function `grow`.
    pub fn guest_grow(self, grow: u32) -> Function {
        const PAGES: u32 = 0;
        const BEGIN: u32 = 1;
        let mut function = Function::new([(1, I32)]);
        let mut body = function.instructions();
        body.local_get(PAGES).call(grow).local_tee(BEGIN);
        return_if_failed(&mut body);
        body.local_get(BEGIN)
            .local_get(PAGES)
            .i32_add()
            .global_set(self.guest_end)
            .local_get(PAGES)
            .global_set(self.guest_last)
            .local_get(BEGIN)
            .end();
        function
    }

    /// `sbrk` of a negative number of bytes: returns the old end of the guest's memory, or -1 if these are not whole pages of
    /// the last call.
    pub fn guest_shrink(self) -> Function {
        const BYTES: u32 = 0;
        const PAGES: u32 = 1;
        let mut function = Function::new([(1, I32)]);
        let mut body = function.instructions();
        body.i32_const(0)
            .local_get(BYTES)
            .i32_sub()
            .i32_const(16)
            .i32_shr_u()
            .local_tee(PAGES)
            .global_get(self.guest_last)
            .i32_gt_u()
            .local_get(BYTES)
            .i32_const(0xffff)
            .i32_and()
            .i32_or()
            .global_get(self.guest_end)
            .global_get(self.spare)
            .i32_ne()
            .i32_or()
            .if_(BlockType::Empty)
            .i32_const(-1)
            .return_()
            .end();
        for global in [self.spare, self.guest_end, self.guest_last] {
            body.global_get(global)
                .local_get(PAGES)
                .i32_sub()
                .global_set(global);
        }
        body.global_get(self.guest_end)
            .local_get(PAGES)
            .i32_add()
            .i32_const(16)
            .i32_shl()
            .end();
        function
    }
}

/// Returns -1 if the top of the stack is -1.
fn return_if_failed(body: &mut InstructionSink<'_>) {
    body.i32_const(-1)
        .i32_eq()
        .if_(BlockType::Empty)
        .i32_const(-1)
        .return_()
        .end();
}

/// The beginning of the guest's `sbrk`: negative numbers go to the function `shrink`.
pub fn begin_sbrk(body: &mut InstructionSink<'_>, shrink: u32) {
    body.local_get(0)
        .i32_const(0)
        .i32_lt_s()
        .if_(BlockType::Empty)
        .local_get(0)
        .call(shrink)
        .return_()
        .end();
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_encoder::{
        CodeSection, ConstExpr, ExportKind, ExportSection, FunctionSection, GlobalSection,
        GlobalType, MemorySection, MemoryType, Module, TypeSection,
    };
    use wasmtime::{Engine, Instance, Store, TypedFunc};

    /// A memory with 2 pages of the guest, 1 page of ours and 2 spare ones, which can grow to 10.
    struct Memory {
        store: Store<()>,
        instance: Instance,
    }

    impl Memory {
        fn new() -> Self {
            let handed = Handed {
                spare: 0,
                guest_end: 1,
                guest_last: 2,
            };
            let mut types = TypeSection::new();
            types.ty().function([I32], [I32]);
            let mut functions = FunctionSection::new();
            let mut code = CodeSection::new();
            let mut exports = ExportSection::new();
            let made = [
                ("grow", handed.grow()),
                ("guest-grow", handed.guest_grow(0)),
                ("guest-shrink", handed.guest_shrink()),
            ];
            for (index, (name, body)) in (0..).zip(made) {
                functions.function(0);
                code.function(&body);
                exports.export(name, ExportKind::Func, index);
            }
            let mut memories = MemorySection::new();
            memories.memory(MemoryType {
                minimum: 5,
                maximum: Some(10),
                memory64: false,
                shared: false,
                page_size_log2: None,
            });
            let mut globals = GlobalSection::new();
            for value in [3, 2, 0] {
                let ty = GlobalType {
                    val_type: I32,
                    mutable: true,
                    shared: false,
                };
                globals.global(ty, &ConstExpr::i32_const(value));
            }
            exports.export("guest-end", ExportKind::Global, handed.guest_end);
            exports.export("memory", ExportKind::Memory, 0);
            let mut module = Module::new();
            module
                .section(&types)
                .section(&functions)
                .section(&memories)
                .section(&globals)
                .section(&exports)
                .section(&code);
            let engine = Engine::default();
            let module = wasmtime::Module::new(&engine, module.finish()).unwrap();
            let mut store = Store::new(&engine, ());
            let instance = Instance::new(&mut store, &module, &[]).unwrap();
            Self { store, instance }
        }

        fn call(&mut self, name: &str, parameter: i32) -> i32 {
            let function: TypedFunc<i32, i32> =
                self.instance.get_typed_func(&mut self.store, name).unwrap();
            function.call(&mut self.store, parameter).unwrap()
        }

        fn guest_end(&mut self) -> i32 {
            let global = self.instance.get_global(&mut self.store, "guest-end");
            global.unwrap().get(&mut self.store).unwrap_i32()
        }

        fn pages(&mut self) -> u64 {
            let memory = self.instance.get_memory(&mut self.store, "memory");
            memory.unwrap().size(&self.store)
        }
    }

    const PAGE: i32 = 1 << 16;

    #[test]
    fn pages_are_contiguous_across_the_initial_end() {
        let mut memory = Memory::new();
        assert_eq!(memory.guest_end(), 2);
        assert_eq!(memory.call("guest-grow", 1), 3);
        assert_eq!((memory.guest_end(), memory.pages()), (4, 5));
        assert_eq!(memory.call("guest-grow", 3), 4);
        assert_eq!((memory.guest_end(), memory.pages()), (7, 7));
        assert_eq!(memory.call("grow", 1), 7);
        assert_eq!((memory.guest_end(), memory.pages()), (7, 8));
        assert_eq!(memory.call("guest-grow", 1), 8);
        assert_eq!(memory.call("guest-grow", 0), 9);
    }

    #[test]
    fn a_growth_that_fails_changes_nothing() {
        let mut memory = Memory::new();
        for pages in [8, 65_536, i32::MAX, i32::MIN, -1] {
            for who in ["grow", "guest-grow"] {
                assert_eq!(memory.call(who, pages), -1, "{who} {pages}");
            }
        }
        assert_eq!((memory.guest_end(), memory.pages()), (2, 5));
        assert_eq!(memory.call("guest-grow", 7), 3);
        assert_eq!(memory.call("grow", 1), -1);
    }

    #[test]
    fn pages_of_the_last_call_can_be_given_back() {
        let mut memory = Memory::new();
        assert_eq!(memory.call("guest-grow", 4), 3);
        assert_eq!(memory.call("guest-shrink", -3 * PAGE), 7 * PAGE);
        assert_eq!(memory.guest_end(), 4);
        assert_eq!(memory.call("guest-shrink", -PAGE), 4 * PAGE);
        assert_eq!(memory.call("grow", 1), 3);
    }

    #[test]
    fn other_pages_cannot_be_given_back() {
        let mut memory = Memory::new();
        // What it has from the start.
        assert_eq!(memory.call("guest-shrink", -PAGE), -1);
        assert_eq!(memory.call("guest-grow", 2), 3);
        for bytes in [-1, 1 - PAGE, -1 - PAGE, -3 * PAGE, i32::MIN] {
            assert_eq!(memory.call("guest-shrink", bytes), -1, "{bytes}");
        }
        // What does not end where the spare pages begin.
        assert_eq!(memory.call("grow", 1), 5);
        assert_eq!(memory.call("guest-shrink", -PAGE), -1);
        assert_eq!(memory.call("grow", 1), 6);
    }
}
