//! The positions of addresses and table indices in a module, for moving it into the memory of another.
//!
//! With `--emit-relocs`, the linker writes them into sections that are far larger than needed, and it also writes memory that
//! is 0 anyway. This module replaces the relocations by the custom section `isyswasfa:places`, which `polyfill_host::lower`
//! reads, and drops the zeros. The section consists of numbers in unsigned LEB128:
//!
//! 1. five addresses, between which the parts to move lie: constants, variables, the heap (`lower/heap`, one for all modules in
//!    a memory), and more variables (before the first address is the stack, after the last nothing),
//! 2. one more than the index of the global with the stack pointer, or 0 if there is none,
//! 3. the number of globals whose initial values are addresses, and the index of each,
//! 4. five lists, each of a length and, for each item, four times its distance from the one before, plus a number from 0 to 3,
//!    the part of the memory that it points into:
//!    - addresses in instructions, from the beginning of the code section: unsigned, in 5 bytes of LEB128 (offsets);
//!    - as before, but signed (constants);
//!    - as before: table indices;
//!    - addresses in memory where there are addresses, in 4 bytes;
//!    - addresses in memory where there are table indices, in 4 bytes.

use anyhow::{Context, Result, bail, ensure};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};
use wasm_encoder::{
    ConstExpr, CustomSection, DataSection, DataSegment, DataSegmentMode, Encode, Module, RawSection,
};
use wasmparser::{
    Data, DataKind, ExternalKind, KnownCustom, Linking, Name, NameSectionReader, Operator, Parser,
    Payload, RelocationType, SymbolInfo, SymbolInfoMap,
};

/// The name of the section.
const SECTION: &str = "isyswasfa:places";

/// Parts of the name of the heap's variable.
const HEAP: [&str; 2] = ["isyswasfa_lower_heap", "SHARED"];

/// How many zeros in a row are worth a new segment.
const GAP: usize = 32;

/// The module with `isyswasfa:places` instead of relocations.
///
/// # Errors
/// If it was linked without `--emit-relocs`, or has an unexpected structure.
pub fn compact(module: &[u8]) -> Result<Vec<u8>> {
    let survey = LinkedModule::of(module)?;
    let mut compact = Module::new();
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::DataSection(_) => {
                compact.section(&survey.data()?);
            }
            // The number of segments is not needed, since none is passive.
            Payload::DataCountSection { .. } => {}
            Payload::CustomSection(custom)
                if matches!(
                    custom.as_known(),
                    KnownCustom::Reloc(_) | KnownCustom::Linking(_)
                ) => {}
            payload => {
                if let Some((id, range)) = payload.as_section() {
                    let data = &module[range.start as usize..range.end as usize];
                    compact.section(&RawSection { id, data });
                }
            }
        }
    }
    compact.section(&CustomSection {
        name: SECTION.into(),
        data: Cow::Owned(survey.places()?),
    });
    Ok(compact.finish())
}

#[derive(Default)]
struct LinkedModule<'a> {
    /// The start of each section's content, in the order of the file.
    sections: Vec<u64>,
    code: Option<usize>,
    data_section: Option<usize>,
    segments: Vec<(u32, Data<'a>)>,
    /// The initial values of all globals.
    globals: Vec<(bool, u32)>,
    heap_base: Option<u32>,
    relocations: Vec<Relocation>,
    /// The addresses of symbols, by their numbers.
    symbols: HashMap<u32, u32>,
    /// The address and size of the heap.
    heap: Option<(u32, u32)>,
    /// The segments of constants.
    constants: HashSet<u32>,
}

struct Relocation {
    section: usize,
    ty: RelocationType,
    offset: u32,
    symbol: u32,
}

impl<'a> LinkedModule<'a> {
    fn of(module: &'a [u8]) -> Result<LinkedModule<'a>> {
        let mut survey = LinkedModule::default();
        let mut heap_base = None;
        for payload in Parser::new(0).parse_all(module) {
            let payload = payload?;
            match &payload {
                Payload::CodeSectionStart { .. } => survey.code = Some(survey.sections.len()),
                Payload::DataSection(section) => {
                    survey.data_section = Some(survey.sections.len());
                    for segment in section.clone() {
                        let segment = segment?;
                        let at = match &segment.kind {
                            DataKind::Active { offset_expr, .. } => constant(offset_expr)?,
                            DataKind::Passive => bail!("it has passive data"),
                        };
                        survey.segments.push((at, segment));
                    }
                }
                Payload::GlobalSection(section) => {
                    for global in section.clone() {
                        let global = global?;
                        let value = constant(&global.init_expr)?;
                        survey.globals.push((global.ty.mutable, value));
                    }
                }
                Payload::ExportSection(section) => {
                    for export in section.clone() {
                        let export = export?;
                        if (export.kind, export.name) == (ExternalKind::Global, "__heap_base") {
                            heap_base = Some(export.index);
                        }
                    }
                }
                Payload::CustomSection(custom) => {
                    if let KnownCustom::Name(names) = custom.as_known() {
                        survey.read_names(names)?;
                    }
                    if let KnownCustom::Linking(linking) = custom.as_known() {
                        for subsection in linking.subsections() {
                            if let Linking::SymbolTable(symbols) = subsection? {
                                survey.read_symbols(symbols)?;
                            }
                        }
                    }
                    if let KnownCustom::Reloc(relocations) = custom.as_known() {
                        let section = relocations.section_index() as usize;
                        for entry in relocations.entries() {
                            let entry = entry?;
                            survey.relocations.push(Relocation {
                                section,
                                ty: entry.ty,
                                offset: entry.offset,
                                symbol: entry.index,
                            });
                        }
                    }
                }
                _ => {}
            }
            if let Some((_, range)) = payload.as_section() {
                survey.sections.push(range.start);
            }
        }
        survey.heap_base = heap_base
            .and_then(|global| survey.globals.get(global as usize))
            .map(|(_, value)| *value);
        if survey.relocations.is_empty() {
            bail!("it has no relocations: it must be linked with `--emit-relocs`");
        }
        Ok(survey)
    }

    fn read_names(&mut self, names: NameSectionReader<'_>) -> Result<()> {
        for name in names {
            let Name::Data(names) = name? else { continue };
            for name in names {
                let name = name?;
                if name.name == ".rodata" {
                    self.constants.insert(name.index);
                }
            }
        }
        Ok(())
    }

    fn read_symbols(&mut self, symbols: SymbolInfoMap<'_>) -> Result<()> {
        for (number, symbol) in (0..).zip(symbols) {
            let SymbolInfo::Data {
                name,
                symbol: Some(symbol),
                ..
            } = symbol?
            else {
                continue;
            };
            let segment = self.segments.get(symbol.index as usize);
            let (address, data) = segment.context("it has a variable in no segment")?;
            let address = address + symbol.offset;
            self.symbols.insert(number, address);
            if HEAP.iter().all(|part| name.contains(part)) {
                let within = symbol.offset as usize..(symbol.offset + symbol.size) as usize;
                let bytes = data.data.get(within).context("its heap is cut short")?;
                ensure!(bytes.iter().all(|byte| *byte == 0), "its heap is not empty");
                ensure!(self.heap.is_none(), "it has several heaps");
                self.heap = Some((address, symbol.size));
            }
        }
        Ok(())
    }

    /// The data section, without zeros.
    fn data(&self) -> Result<DataSection> {
        let mut section = DataSection::new();
        for (at, segment) in &self.segments {
            let mut begin = 0;
            while let Some(zeros) = segment.data[begin..].iter().position(|byte| *byte != 0) {
                begin += zeros;
                let rest = &segment.data[begin..];
                let gap = rest
                    .windows(GAP)
                    .position(|bytes| bytes.iter().all(|byte| *byte == 0));
                let end = gap.unwrap_or(rest.len());
                section.segment(DataSegment {
                    mode: DataSegmentMode::Active {
                        memory_index: 0,
                        offset: &ConstExpr::i32_const(u32::cast_signed(*at + begin as u32)),
                    },
                    data: rest[..end].iter().copied(),
                });
                begin += end;
            }
        }
        Ok(section)
    }

    fn places(&self) -> Result<Vec<u8>> {
        let stack = self.globals.iter().position(|(mutable, _)| *mutable);
        let stack = stack.context("it has no stack")?;
        // The linker puts the stack first.
        let begin = self.globals[stack].1;
        let end = self.heap_base.context("it has no `__heap_base`")?;
        if let Some((at, _)) = self.segments.iter().find(|(at, _)| *at < begin) {
            bail!("it has data at {at}, before the end of its stack");
        }
        let variables = self
            .segments
            .iter()
            .zip(0..)
            .filter(|(_, number)| !self.constants.contains(number))
            .map(|((at, _), _)| *at);
        let variables = variables.min().unwrap_or(end);
        let (heap, size) = self.heap.unwrap_or((end, 0));
        let bounds = [begin, variables, heap, heap + size, end];
        ensure!(bounds.is_sorted(), "its memory has an unexpected order");
        let part_of = |address: u32| {
            bounds[1..4]
                .iter()
                .filter(|bound| address >= **bound)
                .count()
        };
        let mut lists: [Vec<(u32, u32)>; 5] = Default::default();
        for relocation in &self.relocations {
            let Relocation {
                section,
                ty,
                offset,
                symbol,
            } = *relocation;
            let is_code = Some(section) == self.code;
            let is_data = Some(section) == self.data_section;
            let (list, place) = match ty {
                RelocationType::MemoryAddrLeb if is_code => (0, offset),
                RelocationType::MemoryAddrSleb if is_code => (1, offset),
                RelocationType::TableIndexSleb if is_code => (2, offset),
                RelocationType::MemoryAddrI32 if is_data => (3, self.address(section, offset)?),
                RelocationType::TableIndexI32 if is_data => (4, self.address(section, offset)?),
                // Indices are found by reading instructions.
                RelocationType::FunctionIndexLeb
                | RelocationType::TypeIndexLeb
                | RelocationType::GlobalIndexLeb
                | RelocationType::TableNumberLeb => continue,
                // A relocation of debug information.
                _ if !is_code && !is_data => continue,
                ty => bail!("it has a relocation of an unexpected kind, {ty:?}"),
            };
            let part = match list {
                0 | 1 | 3 => {
                    let address = self.symbols.get(&symbol);
                    part_of(*address.context("it has a relocation of no variable")?)
                }
                _ => 0,
            };
            lists[list].push((place, part as u32));
        }
        let mut places = Vec::new();
        for number in bounds.into_iter().chain([stack as u32 + 1, 0]) {
            number.encode(&mut places);
        }
        for list in &mut lists {
            list.sort_unstable();
            (list.len() as u32).encode(&mut places);
            let mut before = 0;
            for (place, part) in list {
                (4 * (*place - before) + *part).encode(&mut places);
                before = *place;
            }
        }
        Ok(places)
    }

    /// The address of an offset in the data section.
    fn address(&self, section: usize, offset: u32) -> Result<u32> {
        let begin = self.sections.get(section);
        let at = begin.context("it has relocations of no section")? + u64::from(offset);
        let segment = self.segments.iter().find_map(|(address, segment)| {
            // The range includes the head of the segment.
            let data = segment.range.end - segment.data.len() as u64;
            (data..segment.range.end)
                .contains(&at)
                .then(|| address + (at - data) as u32)
        });
        segment.context("it has a relocation outside of its data")
    }
}

fn constant(expression: &wasmparser::ConstExpr<'_>) -> Result<u32> {
    match expression.get_operators_reader().read()? {
        Operator::I32Const { value } => Ok(value.cast_unsigned()),
        _ => bail!("it has an initial value that is no constant"),
    }
}
