//! Builds a core module whose functions call each other by keys, so that they can be made in any order.

use std::collections::HashMap;
use wasm_encoder::{
    CodeSection, ElementSection, Elements, EntityType, ExportKind, ExportSection, Function,
    FunctionSection, GlobalSection, GlobalType, ImportSection, Instruction, MemoryType, Module,
    NameMap, NameSection, RefType, TableType, TypeSection, ValType,
};

/// A function of a module under construction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Func(usize);

/// A function's type.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct Signature {
    pub params: Vec<ValType>,
    pub results: Vec<ValType>,
}

impl Signature {
    pub fn new(params: &[ValType], results: &[ValType]) -> Signature {
        Signature {
            params: params.to_vec(),
            results: results.to_vec(),
        }
    }
}

/// The code of a function under way.
#[derive(Default)]
pub struct Code {
    params: u32,
    locals: Vec<ValType>,
    steps: Vec<Step>,
}

enum Step {
    Plain(Instruction<'static>),
    Call(Func),
    CallIndirect(Signature),
}

impl Code {
    /// Code of a function with so many parameters.
    pub fn new(params: usize) -> Code {
        Code {
            params: params as u32,
            ..Code::default()
        }
    }

    /// A new local variable.
    pub fn local(&mut self, ty: ValType) -> u32 {
        self.locals.push(ty);
        self.params + self.locals.len() as u32 - 1
    }

    pub fn push(&mut self, instructions: impl IntoIterator<Item = Instruction<'static>>) {
        self.steps.extend(instructions.into_iter().map(Step::Plain));
    }

    pub fn call(&mut self, func: Func) {
        self.steps.push(Step::Call(func));
    }

    /// Calls the function of the table whose place is on the stack.
    pub fn call_indirect(&mut self, signature: &Signature) {
        self.steps.push(Step::CallIndirect(signature.clone()));
    }

    /// `i32.const`, of a number that may be an address.
    pub fn number(&mut self, number: u32) {
        self.push([Instruction::I32Const(number as i32)]);
    }

    pub fn get(&mut self, local: u32) {
        self.push([Instruction::LocalGet(local)]);
    }

    pub fn set(&mut self, local: u32) {
        self.push([Instruction::LocalSet(local)]);
    }
}

struct Imported {
    module: String,
    name: String,
    signature: Signature,
}

struct Defined {
    name: String,
    signature: Signature,
    code: Option<Code>,
}

enum Kind {
    Imported(usize),
    Defined(usize),
}

/// A module under construction.
#[derive(Default)]
pub struct Builder {
    funcs: Vec<Kind>,
    imported: Vec<Imported>,
    defined: Vec<Defined>,
    by_name: HashMap<(String, String), Func>,
    memory: Option<(String, String)>,
    own_memory: Option<String>,
    table: Option<(String, String, u64)>,
    own_table: Option<(String, u64)>,
    globals: u32,
    exports: Vec<(String, Func)>,
    elements: Vec<Func>,
    passive: Vec<Vec<u8>>,
}

impl Builder {
    /// Imports a function; the same one only once.
    pub fn import(&mut self, module: &str, name: &str, signature: Signature) -> Func {
        let key = (module.to_owned(), name.to_owned());
        if let Some(func) = self.by_name.get(&key) {
            return *func;
        }
        self.imported.push(Imported {
            module: key.0.clone(),
            name: key.1.clone(),
            signature,
        });
        self.funcs.push(Kind::Imported(self.imported.len() - 1));
        let func = Func(self.funcs.len() - 1);
        self.by_name.insert(key, func);
        func
    }

    /// A function of the module itself, whose code follows.
    pub fn declare(&mut self, name: impl Into<String>, signature: Signature) -> Func {
        self.defined.push(Defined {
            name: name.into(),
            signature,
            code: None,
        });
        self.funcs.push(Kind::Defined(self.defined.len() - 1));
        Func(self.funcs.len() - 1)
    }

    /// The code of a function that was declared.
    pub fn define(&mut self, func: Func, code: Code) {
        if let Kind::Defined(index) = self.funcs[func.0] {
            self.defined[index].code = Some(code);
        }
    }

    /// A function of the module itself.
    pub fn func(&mut self, name: impl Into<String>, signature: Signature, code: Code) -> Func {
        let func = self.declare(name, signature);
        self.define(func, code);
        func
    }

    pub fn export(&mut self, name: impl Into<String>, func: Func) {
        self.exports.push((name.into(), func));
    }

    /// Imports a memory.
    pub fn memory(&mut self, module: &str, name: &str) {
        self.memory = Some((module.to_owned(), name.to_owned()));
    }

    /// Has a memory, and exports it.
    pub fn own_memory(&mut self, name: &str) {
        self.own_memory = Some(name.to_owned());
    }

    /// Imports a table of functions of that size.
    pub fn table(&mut self, module: &str, name: &str, size: u64) {
        self.table = Some((module.to_owned(), name.to_owned(), size));
    }

    /// Has a table of functions of that size, and exports it.
    pub fn own_table(&mut self, name: &str, size: u64) {
        self.own_table = Some((name.to_owned(), size));
    }

    /// A new variable, a 32-bit number that is 0 at first.
    pub fn global(&mut self) -> u32 {
        self.globals += 1;
        self.globals - 1
    }

    /// What the table has, from its beginning.
    pub fn elements(&mut self, funcs: Vec<Func>) {
        self.elements = funcs;
    }

    /// A passive data segment.
    pub fn data(&mut self, bytes: impl Into<Vec<u8>>) -> u32 {
        self.passive.push(bytes.into());
        self.passive.len() as u32 - 1
    }

    /// The module.
    pub fn finish(self) -> Vec<u8> {
        let mut types = Types::default();
        let mut imports = ImportSection::new();
        for import in &self.imported {
            let ty = types.of(&import.signature);
            imports.import(&import.module, &import.name, EntityType::Function(ty));
        }
        if let Some((module, name)) = &self.memory {
            let memory = MemoryType {
                minimum: 0,
                maximum: None,
                memory64: false,
                shared: false,
                page_size_log2: None,
            };
            imports.import(module, name, memory);
        }
        let table = |size| TableType {
            element_type: RefType::FUNCREF,
            table64: false,
            minimum: size,
            maximum: None,
            shared: false,
        };
        if let Some((module, name, size)) = &self.table {
            imports.import(module, name, table(*size));
        }
        let index = |func: Func| match self.funcs[func.0] {
            Kind::Imported(index) => index as u32,
            Kind::Defined(index) => (self.imported.len() + index) as u32,
        };
        let mut functions = FunctionSection::new();
        let mut codes = CodeSection::new();
        let mut names = NameMap::new();
        for (i, import) in self.imported.iter().enumerate() {
            names.append(i as u32, &import.name);
        }
        for (i, defined) in self.defined.iter().enumerate() {
            functions.function(types.of(&defined.signature));
            names.append((self.imported.len() + i) as u32, &defined.name);
            let mut function;
            match &defined.code {
                None => {
                    function = Function::new([]);
                    function.instruction(&Instruction::Unreachable);
                }
                Some(code) => {
                    function = Function::new(code.locals.iter().map(|ty| (1, *ty)));
                    for step in &code.steps {
                        match step {
                            Step::Plain(instruction) => function.instruction(instruction),
                            Step::Call(func) => {
                                function.instruction(&Instruction::Call(index(*func)))
                            }
                            Step::CallIndirect(signature) => {
                                function.instruction(&Instruction::CallIndirect {
                                    type_index: types.of(signature),
                                    table_index: 0,
                                })
                            }
                        };
                    }
                }
            }
            function.instruction(&Instruction::End);
            codes.function(&function);
        }
        let mut exports = ExportSection::new();
        for (name, func) in &self.exports {
            exports.export(name, ExportKind::Func, index(*func));
        }
        let mut module = Module::new();
        module.section(&types.section);
        if !imports.is_empty() {
            module.section(&imports);
        }
        module.section(&functions);
        if let Some((name, size)) = &self.own_table {
            let mut tables = wasm_encoder::TableSection::new();
            tables.table(table(*size));
            module.section(&tables);
            exports.export(name, ExportKind::Table, 0);
        }
        if let Some(name) = &self.own_memory {
            let mut memories = wasm_encoder::MemorySection::new();
            memories.memory(MemoryType {
                // No address is 0.
                minimum: 1,
                maximum: None,
                memory64: false,
                shared: false,
                page_size_log2: None,
            });
            module.section(&memories);
            exports.export(name, ExportKind::Memory, 0);
        }
        if self.globals > 0 {
            let mut globals = GlobalSection::new();
            for _ in 0..self.globals {
                let ty = GlobalType {
                    val_type: ValType::I32,
                    mutable: true,
                    shared: false,
                };
                globals.global(ty, &wasm_encoder::ConstExpr::i32_const(0));
            }
            module.section(&globals);
        }
        module.section(&exports);
        if !self.elements.is_empty() {
            let mut elements = ElementSection::new();
            let funcs: Vec<u32> = self.elements.iter().map(|func| index(*func)).collect();
            elements.active(
                None,
                &wasm_encoder::ConstExpr::i32_const(0),
                Elements::Functions(funcs.into()),
            );
            module.section(&elements);
        }
        if !self.passive.is_empty() {
            module.section(&wasm_encoder::DataCountSection {
                count: self.passive.len() as u32,
            });
        }
        module.section(&codes);
        if !self.passive.is_empty() {
            let mut data = wasm_encoder::DataSection::new();
            for bytes in &self.passive {
                data.passive(bytes.iter().copied());
            }
            module.section(&data);
        }
        let mut section = NameSection::new();
        section.functions(&names);
        module.section(&section);
        module.finish()
    }
}

#[derive(Default)]
struct Types {
    section: TypeSection,
    known: HashMap<Signature, u32>,
}

impl Types {
    fn of(&mut self, signature: &Signature) -> u32 {
        if let Some(index) = self.known.get(signature) {
            return *index;
        }
        let index = self.known.len() as u32;
        self.section.ty().function(
            signature.params.iter().copied(),
            signature.results.iter().copied(),
        );
        self.known.insert(signature.clone(), index);
        index
    }
}
