//! Merges several modules into one.

use super::super::place::{Moved, Room, constant};
use super::super::walk::at;
use super::GUEST;
use super::component;
use super::memory::{Handed, begin_sbrk};
use super::survey::{Signature, Survey};
use anyhow::{Context, Result, anyhow};
use std::convert::Infallible;
use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{
    CodeSection, ConstExpr, DataCountSection, DataSection, DataSegment, DataSegmentMode,
    ElementMode, ElementSection, ElementSegment, Elements, EntityType, ExportKind, ExportSection,
    Function, FunctionSection, GlobalSection, GlobalType, HeapType, ImportSection, Instruction,
    MemorySection, MemoryType, Module, NameMap, NameSection, RefType, StartSection, TableSection,
    TableType, TypeSection, ValType,
};
use wasmparser::{
    DataKind, ElementKind, FunctionBody, KnownCustom, Name, Operator, Parser, Payload, WasmFeatures,
};

/// A module to merge.
pub struct Member<'a> {
    pub survey: Survey<'a>,
    /// How it was moved behind the first one. `None`: it is the first one.
    pub moved: Option<Moved>,
}

/// A synthesized function, in final index order.
pub struct Synthesized {
    /// Its name in backtraces.
    pub name: String,
    pub signature: Signature,
    pub body: Function,
}

/// The functions that are always made, in this order.
#[derive(Clone, Copy)]
pub enum Always {
    /// Runs when the module is instantiated.
    Start,
    /// Grows the memory, for our modules.
    Grow,
    /// Grows the memory, for the guest.
    GuestGrow,
    /// Takes back the pages of the guest's last `sbrk`.
    GuestShrink,
    /// Returns its parameter.
    Same,
    /// Takes a number, and does nothing.
    Nothing,
    /// Allocates for the host.
    Realloc,
}

impl Always {
    /// The number of these functions.
    pub const COUNT: u32 = Always::Realloc as u32 + 1;
}

/// Where the fused module's memory is, with its contents.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Memory {
    /// In the module.
    Own,
    /// In another one.
    Apart,
}

/// The parts of the fused module.
pub struct Parts<'a> {
    pub members: Vec<Member<'a>>,
    /// The imports: the member, and the index of its import.
    pub hosts: Vec<(usize, usize)>,
    /// For each member, the final indices of its imports.
    pub imports: Vec<Vec<u32>>,
    /// The functions of [`Always`] but the first, then the others.
    pub made: Vec<Synthesized>,
    /// Functions to call when it is instantiated.
    pub start: Vec<u32>,
    /// Exported functions, by their final indices.
    pub exports: Vec<(String, u32)>,
    /// The member that allocates when the host calls: the initial value of the global [`Parts::who`].
    pub called: usize,
    pub room: Room,
}

/// Spare pages from the start, for any member that grows the memory.
const SPARE: u32 = 16;

impl Parts<'_> {
    /// The final index of the first function that a member defines.
    pub fn first(&self, member: usize) -> u32 {
        let before = self.members[..member].iter();
        self.hosts.len() as u32 + before.map(|member| member.survey.defined).sum::<u32>()
    }

    /// The final index of the first synthesized function.
    pub fn first_made(&self) -> u32 {
        self.first(self.members.len())
    }

    /// The final index of a function of [`Always`].
    pub fn always(&self, function: Always) -> u32 {
        self.first_made() + function as u32
    }

    /// The final index of the global with the stack pointer.
    fn stack(&self) -> u32 {
        match self.room.stack() {
            Some(_) => self.globals(),
            // The guest's own.
            None => self.members[0].survey.stack.unwrap_or_default(),
        }
    }

    /// The final index of the global with the member that the host allocates for.
    pub fn who(&self) -> u32 {
        self.globals() + u32::from(self.room.stack().is_some())
    }

    /// The final indices of the globals that count pages that were handed out.
    pub fn handed(&self) -> Handed {
        let spare = self.who() + 1;
        Handed {
            spare,
            guest_end: spare + 1,
            guest_last: spare + 2,
        }
    }

    /// How many globals the members have.
    fn globals(&self) -> u32 {
        self.members.iter().map(|member| member.globals()).sum()
    }

    /// The initial number of pages.
    pub fn pages(&self) -> u32 {
        self.room.pages() + SPARE
    }

    /// The fused module.
    ///
    /// # Errors
    /// If a member is malformed.
    pub fn merge(&self, memory: Memory) -> Result<Merged> {
        let mut sections = Sections::default();
        let mut mover = Mover::first(self, memory);
        for (at, member) in self.members.iter().enumerate() {
            mover.imports = &self.imports[at];
            mover.first_function = self.first(at);
            mover.member = member;
            mover.grow = self.always(match at {
                GUEST => Always::GuestGrow,
                _ => Always::Grow,
            });
            mover
                .read(&mut sections)
                .map_err(|error| anyhow!("{error}"))?;
            mover.pass(member);
        }
        for (import, (module, name)) in self.hosts.iter().zip(self.imports()) {
            let (member, import) = *import;
            let types = self.members[..member].iter();
            let types: usize = types.map(|member| member.survey.types.len()).sum();
            let import = &self.members[member].survey.imports[import];
            let ty = EntityType::Function(types as u32 + import.ty);
            sections.imports.import(module, name, ty);
        }
        let start = Synthesized {
            name: "start".to_owned(),
            signature: (vec![], vec![]),
            body: self.start_function(mover.table),
        };
        for (index, made) in (self.first_made()..).zip([&start].into_iter().chain(&self.made)) {
            let ty = sections.types.len();
            let (params, results) = &made.signature;
            let (params, results) = (params.iter().copied(), results.iter().copied());
            sections.types.ty().function(params, results);
            sections.functions.function(ty);
            sections.code.function(&made.body);
            sections.names.push((index, made.name.clone()));
        }
        for (name, function) in &self.exports {
            sections.exports.export(name, ExportKind::Func, *function);
        }
        self.finish(sections, memory)
    }

    /// The imports of the host: modules and names.
    pub fn imports(&self) -> impl Iterator<Item = (&str, &str)> {
        self.hosts.iter().map(|(member, import)| {
            let import = &self.members[*member].survey.imports[*import];
            (import.module, import.name)
        })
    }

    /// Writes to pages that will be written in any case: a page that is read before it is written costs a host two faults, and
    /// an interruption of its other processors.
    fn start_function(&self, table: u32) -> Function {
        let (address, element) = self.room.unused();
        let mut function = Function::new([]);
        let mut body = function.instructions();
        body.i32_const(address.cast_signed())
            .i32_const(0)
            .i32_store8(at(0));
        body.i32_const(element.cast_signed())
            .ref_null(HeapType::FUNC)
            .table_set(table);
        for start in &self.start {
            body.call(*start);
        }
        body.end();
        function
    }

    fn finish(&self, mut sections: Sections, kept: Memory) -> Result<Merged> {
        let mut table = sections.table.unwrap_or(TableType {
            element_type: RefType::FUNCREF,
            table64: false,
            minimum: 0,
            maximum: Some(0),
            shared: false,
        });
        let more = u64::from(self.room.table()).saturating_sub(table.minimum);
        table.minimum += more;
        table.maximum = table.maximum.map(|elements| elements + more);
        let mut tables = TableSection::new();
        tables.table(table);
        let mut memory = sections.memory.context("the guest has no memory")?;
        let guest_pages = memory.minimum;
        let more = u64::from(self.pages()) - guest_pages;
        memory.minimum += more;
        memory.maximum = memory.maximum.map(|pages| (pages + more).min(1 << 16));
        let stack = self.room.stack().map(u32::cast_signed);
        let ours = [
            self.called as i32,
            self.room.pages().cast_signed(),
            guest_pages as i32,
            0,
        ];
        for value in stack.into_iter().chain(ours) {
            let ty = GlobalType {
                val_type: ValType::I32,
                mutable: true,
                shared: false,
            };
            sections.globals.global(ty, &ConstExpr::i32_const(value));
        }
        if kept == Memory::Apart {
            let mut import = |name, ty: EntityType| {
                sections.imports.import(component::INSTANCE, name, ty);
            };
            import(component::MEMORY, memory.into());
            import(component::TABLE, component::TABLE_TYPE.into());
            sections.elements.segment(ElementSegment {
                mode: ElementMode::Active {
                    table: None,
                    offset: &ConstExpr::i32_const(0),
                },
                elements: Elements::Functions(vec![self.always(Always::Realloc)].into()),
            });
        }
        sections.names.sort();
        let mut functions = NameMap::new();
        for (index, name) in &sections.names {
            functions.append(*index, name);
        }
        let mut names = NameSection::new();
        names.functions(&functions);

        let mut module = Module::new();
        module
            .section(&sections.types)
            .section(&sections.imports)
            .section(&sections.functions)
            .section(&tables);
        if kept == Memory::Own {
            let mut memories = MemorySection::new();
            memories.memory(memory);
            sections.exports.export("memory", ExportKind::Memory, 0);
            module.section(&memories);
        }
        module
            .section(&sections.globals)
            .section(&sections.exports)
            .section(&StartSection {
                function_index: self.always(Always::Start),
            })
            .section(&sections.elements);
        if kept == Memory::Own {
            module.section(&DataCountSection {
                count: sections.data.len(),
            });
        }
        module.section(&sections.code);
        if kept == Memory::Own {
            module.section(&sections.data);
        }
        module.section(&names);
        Ok(Merged {
            module,
            memory,
            data: sections.data,
        })
    }
}

/// The fused module.
pub struct Merged {
    pub module: Module,
    /// Its memory and the contents, in the module or apart.
    pub memory: MemoryType,
    pub data: DataSection,
}

impl Member<'_> {
    /// How many globals a member adds: the stack pointer is shared.
    fn globals(&self) -> u32 {
        let stack = self.moved.as_ref().and_then(|moved| moved.stack);
        self.survey.globals - u32::from(stack.is_some())
    }
}

/// The sections of the fused module.
#[derive(Default)]
struct Sections {
    types: TypeSection,
    imports: ImportSection,
    functions: FunctionSection,
    table: Option<TableType>,
    memory: Option<MemoryType>,
    globals: GlobalSection,
    exports: ExportSection,
    elements: ElementSection,
    code: CodeSection,
    data: DataSection,
    names: Vec<(u32, String)>,
}

/// Maps indices of a member to final ones.
struct Mover<'a> {
    member: &'a Member<'a>,
    imports: &'a [u32],
    first_function: u32,
    /// The number of types in the members before.
    types: u32,
    globals: u32,
    elements: u32,
    data: u32,
    /// The stack pointer.
    stack: u32,
    /// The function that grows the memory.
    grow: u32,
    /// The global with the end of the guest's memory.
    guest_end: u32,
    /// The function that takes back pages of the guest's `sbrk`.
    guest_shrink: u32,
    /// The table.
    table: u32,
}

type Done<T = ()> = Result<T, Error<Infallible>>;

impl<'a> Mover<'a> {
    fn first(parts: &'a Parts<'a>, memory: Memory) -> Self {
        Mover {
            member: &parts.members[0],
            imports: &[],
            first_function: 0,
            types: 0,
            globals: 0,
            elements: 0,
            data: 0,
            stack: parts.stack(),
            grow: parts.always(Always::Grow),
            guest_end: parts.handed().guest_end,
            guest_shrink: parts.always(Always::GuestShrink),
            // After the imported one, if there is one.
            table: u32::from(memory == Memory::Apart),
        }
    }

    /// Moves on to the next member.
    fn pass(&mut self, member: &Member<'_>) {
        self.types += member.survey.types.len() as u32;
        self.globals += member.globals();
        self.elements += member.survey.elements;
        self.data += member.survey.data;
    }

    /// Adds the sections of a member.
    fn read(&mut self, sections: &mut Sections) -> Done {
        let mut parser = Parser::new(0);
        parser.set_features(WasmFeatures::all());
        let mut defined = 0..;
        for payload in parser.parse_all(self.member.survey.module) {
            match (payload?, &self.member.moved) {
                (Payload::TypeSection(section), _) => {
                    utils::parse_type_section(self, &mut sections.types, section)?;
                }
                (Payload::FunctionSection(section), _) => {
                    utils::parse_function_section(self, &mut sections.functions, section)?;
                }
                (Payload::TableSection(section), None) => {
                    for table in section {
                        sections.table = Some(self.table_type(table?.ty)?);
                    }
                }
                (Payload::MemorySection(section), None) => {
                    for memory in section {
                        sections.memory = Some(self.memory_type(memory?)?);
                    }
                }
                (Payload::GlobalSection(section), None) => {
                    utils::parse_global_section(self, &mut sections.globals, section)?;
                }
                (Payload::GlobalSection(section), Some(moved)) => {
                    for (index, global) in (0..).zip(section) {
                        let global = global?;
                        if moved.globals.contains(&index) {
                            let value = moved.global(address(&global.init_expr)?);
                            let value = ConstExpr::i32_const(value.cast_signed());
                            sections
                                .globals
                                .global(self.global_type(global.ty)?, &value);
                        } else if moved.stack != Some(index) {
                            utils::parse_global(self, &mut sections.globals, global)?;
                        }
                    }
                }
                (Payload::ElementSection(section), None) => {
                    utils::parse_element_section(self, &mut sections.elements, section)?;
                }
                (Payload::ElementSection(section), Some(moved)) => {
                    for element in section {
                        let element = element?;
                        let elements = self.element_items(element.items)?;
                        let ElementKind::Active { offset_expr, .. } = element.kind else {
                            return Err(Error::InvalidConstExpr);
                        };
                        let at = address(&offset_expr)?.wrapping_add(moved.table);
                        sections.elements.segment(ElementSegment {
                            mode: ElementMode::Active {
                                table: Some(self.table),
                                offset: &ConstExpr::i32_const(at.cast_signed()),
                            },
                            elements,
                        });
                    }
                }
                (Payload::CodeSectionEntry(body), _) => {
                    if defined.next() == self.member.survey.sbrk {
                        self.read_sbrk(sections, &body)?;
                    } else {
                        utils::parse_function_body(self, &mut sections.code, body)?;
                    }
                }
                (Payload::DataSection(section), None) => {
                    utils::parse_data_section(self, &mut sections.data, section)?;
                }
                (Payload::DataSection(section), Some(moved)) => {
                    for data in section {
                        let data = data?;
                        let DataKind::Active { offset_expr, .. } = data.kind else {
                            return Err(Error::InvalidConstExpr);
                        };
                        let at = moved.data(address(&offset_expr)?);
                        sections.data.segment(DataSegment {
                            mode: DataSegmentMode::Active {
                                memory_index: 0,
                                offset: &ConstExpr::i32_const(at.cast_signed()),
                            },
                            data: data.data.iter().copied(),
                        });
                    }
                }
                (Payload::CustomSection(section), _) => {
                    if let KnownCustom::Name(names) = section.as_known() {
                        self.read_names(sections, names)?;
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Adds the guest's `sbrk`, which gives memory back as well.
    fn read_sbrk(&mut self, sections: &mut Sections, body: &FunctionBody<'_>) -> Done {
        let mut function = self.new_function_with_parsed_locals(body)?;
        begin_sbrk(&mut function.instructions(), self.guest_shrink);
        let mut reader = body.get_operators_reader()?;
        while !reader.eof() {
            function.instruction(&self.parse_instruction(&mut reader)?);
        }
        sections.code.function(&function);
        Ok(())
    }

    fn read_names(
        &mut self,
        sections: &mut Sections,
        names: wasmparser::NameSectionReader<'_>,
    ) -> Done {
        for name in names {
            if let Name::Function(functions) = name? {
                for function in functions {
                    let function = function?;
                    // Imports have names already, of their own or of their targets.
                    if function.index as usize >= self.imports.len() {
                        let index = self.function_index(function.index)?;
                        sections.names.push((index, function.name.to_owned()));
                    }
                }
            }
        }
        Ok(())
    }
}

fn address(expression: &wasmparser::ConstExpr<'_>) -> Done<u32> {
    constant(expression).map_err(|_| Error::InvalidConstExpr)
}

impl Reencode for Mover<'_> {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Done<u32> {
        let defined = function.checked_sub(self.imports.len() as u32);
        Ok(match defined {
            None => self.imports[function as usize],
            Some(defined) => self.first_function + defined,
        })
    }

    fn type_index(&mut self, ty: u32) -> Done<u32> {
        Ok(self.types + ty)
    }

    fn global_index(&mut self, global: u32) -> Done<u32> {
        let stack = self.member.moved.as_ref().and_then(|moved| moved.stack);
        Ok(match stack {
            Some(stack) if global == stack => self.stack,
            Some(stack) if global > stack => self.globals + global - 1,
            _ => self.globals + global,
        })
    }

    fn table_index(&mut self, _: u32) -> Done<u32> {
        Ok(self.table)
    }

    fn instruction<'i>(&mut self, instruction: Operator<'i>) -> Done<Instruction<'i>> {
        match instruction {
            Operator::MemoryGrow { .. } => Ok(Instruction::Call(self.grow)),
            // Only `sbrk` uses it: see `survey::is_sbrk`.
            Operator::MemorySize { .. } => Ok(Instruction::GlobalGet(self.guest_end)),
            instruction => utils::instruction(self, instruction),
        }
    }

    fn element_index(&mut self, element: u32) -> Done<u32> {
        Ok(self.elements + element)
    }

    fn data_index(&mut self, data: u32) -> Done<u32> {
        Ok(self.data + data)
    }
}
