//! A survey of a module before it is merged.

use anyhow::{Context, Result};
use std::collections::HashMap;
use wasm_encoder::ValType;
use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasmparser::{
    CompositeInnerType, DataKind, ExternalKind, KnownCustom, Name, Operator, OperatorsReader,
    Parser, Payload, RefType, TableInit, TypeRef, WasmFeatures,
};

/// The linker's name for the stack pointer.
const STACK: &str = "__stack_pointer";

/// Parameters and results.
pub type Signature = (Vec<ValType>, Vec<ValType>);

/// A module and its contents.
#[derive(Default)]
pub struct Survey<'a> {
    pub module: &'a [u8],
    /// The types of functions.
    pub types: Vec<Option<Signature>>,
    /// The functions that are imported.
    pub imports: Vec<Import<'a>>,
    /// How many functions are defined.
    pub defined: u32,
    /// The functions that are exported.
    pub exports: HashMap<&'a str, u32>,
    pub start: Option<u32>,
    pub globals: u32,
    /// The global with the stack pointer, by its name.
    pub stack: Option<u32>,
    pub elements: u32,
    pub data: u32,
    /// The defined function that is `sbrk` of wasi-libc.
    pub sbrk: Option<u32>,
    /// Whether it has passive data segments, which it writes into memory itself.
    pub has_passive_data: bool,
    /// The size of its memory and table, if others can be placed behind them unnoticed.
    pub behind: Option<Extent>,
}

/// The pages of a module's memory, and the elements of its table.
#[derive(Clone, Copy)]
pub struct Extent {
    pub pages: u64,
    pub elements: u64,
}

/// A function that is imported.
pub struct Import<'a> {
    pub module: &'a str,
    pub name: &'a str,
    pub ty: u32,
}

impl<'a> Survey<'a> {
    pub fn of(module: &'a [u8]) -> Result<Survey<'a>> {
        let mut survey = Survey {
            module,
            ..Survey::default()
        };
        let (mut memories, mut tables) = (Vec::new(), Vec::new());
        let mut is_foreign = false;
        let mut function_types = Vec::new().into_iter().zip(0..);
        let mut parser = Parser::new(0);
        parser.set_features(WasmFeatures::all());
        for payload in parser.parse_all(module) {
            match payload? {
                Payload::TypeSection(section) => {
                    for group in section {
                        for ty in group?.types() {
                            survey.types.push(match &ty.composite_type.inner {
                                CompositeInnerType::Func(ty) => {
                                    let types = |types: &[wasmparser::ValType]| {
                                        let types = types.iter();
                                        types.map(|ty| RoundtripReencoder.val_type(*ty)).collect()
                                    };
                                    let params: Result<_, _> = types(ty.params());
                                    Some((params?, types(ty.results())?))
                                }
                                _ => None,
                            });
                        }
                    }
                }
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        let import = import?;
                        match import.ty {
                            TypeRef::Func(ty) => survey.imports.push(Import {
                                module: import.module,
                                name: import.name,
                                ty,
                            }),
                            _ => is_foreign = true,
                        }
                    }
                }
                Payload::FunctionSection(section) => {
                    survey.defined = section.count();
                    let types: Result<Vec<u32>, _> = section.into_iter().collect();
                    function_types = types?.into_iter().zip(0..);
                }
                Payload::TableSection(section) => {
                    for table in section {
                        let table = table?;
                        is_foreign |= !matches!(table.init, TableInit::RefNull);
                        tables.push(table.ty);
                    }
                }
                Payload::MemorySection(section) => {
                    for memory in section {
                        memories.push(memory?);
                    }
                }
                Payload::TagSection(_) => is_foreign = true,
                Payload::GlobalSection(section) => survey.globals = section.count(),
                Payload::ExportSection(section) => {
                    for export in section {
                        let export = export?;
                        if export.kind == ExternalKind::Func {
                            survey.exports.insert(export.name, export.index);
                        }
                    }
                }
                Payload::StartSection { func, .. } => survey.start = Some(func),
                Payload::ElementSection(section) => survey.elements = section.count(),
                Payload::DataSection(section) => {
                    survey.data = section.count();
                    for data in section {
                        survey.has_passive_data |= matches!(data?.kind, DataKind::Passive);
                    }
                }
                Payload::CodeSectionEntry(body) => {
                    let mut operators = body.get_operators_reader()?;
                    let (ty, function) = function_types.next().context("a function has no type")?;
                    let ty = survey.types.get(ty as usize).and_then(Option::as_ref);
                    let is_of_sbrk = ty.is_some_and(|(params, results)| {
                        (&params[..], &results[..]) == (&[ValType::I32], &[ValType::I32])
                    });
                    if survey.sbrk.is_none() && is_of_sbrk && is_sbrk(operators.clone())? {
                        survey.sbrk = Some(function);
                        continue;
                    }
                    let mut before = Operator::Nop;
                    while !operators.eof() {
                        let operator = operators.read()?;
                        // Code that asks for a size assumes that everything is its own.
                        is_foreign |= matches!(
                            (before, &operator),
                            (
                                _,
                                Operator::MemorySize { .. }
                                    | Operator::TableSize { .. }
                                    | Operator::TableGrow { .. }
                            ) | (Operator::I32Const { value: 0 }, Operator::MemoryGrow { .. })
                        );
                        before = operator;
                    }
                }
                Payload::CustomSection(section) => {
                    if let KnownCustom::Name(names) = section.as_known() {
                        for name in names {
                            // Names are only for people, and may be malformed.
                            if let Ok(Name::Global(names)) = name {
                                let mut names = names.into_iter().flatten();
                                let stack = names.find(|global| global.name == STACK);
                                survey.stack = stack.map(|global| global.index);
                            }
                        }
                    }
                }
                _ => {}
            }
        }
        let elements = match tables[..] {
            [] => Some(0),
            [table] => (table.element_type == RefType::FUNCREF && !table.table64 && !table.shared)
                .then_some(table.initial),
            _ => None,
        };
        if let ([memory], Some(elements), false) = (&memories[..], elements, is_foreign) {
            let is_usual = !memory.memory64 && !memory.shared && memory.page_size_log2.is_none();
            survey.behind = is_usual.then_some(Extent {
                pages: memory.initial,
                elements,
            });
        }
        Ok(survey)
    }

    /// The signature of a function that is imported.
    pub fn signature(&self, import: &Import<'_>) -> Result<&Signature> {
        let ty = self.types.get(import.ty as usize).and_then(Option::as_ref);
        ty.ok_or_else(|| anyhow::anyhow!("an import has no type"))
    }
}

/// Whether this is `sbrk` of wasi-libc: `sbrk(0)` returns the size of the memory, anything else grows it.
///
/// Its callers assume that all memory below the first result is theirs, and after that only memory that they got: others may
/// have grown it in between. So `memory.rs` returns the end of the guest's memory.
fn is_sbrk(mut operators: OperatorsReader<'_>) -> Result<bool> {
    use Operator::{Block, BrIf, End, I32Const, I32Shl, LocalGet, MemorySize, Return};
    let mut next = || operators.read();
    Ok(matches!(next()?, Block { .. })
        && matches!(next()?, LocalGet { local_index: 0 })
        && matches!(next()?, BrIf { relative_depth: 0 })
        && matches!(next()?, MemorySize { mem: 0 })
        && matches!(next()?, I32Const { value: 16 })
        && matches!(next()?, I32Shl)
        && matches!(next()?, Return)
        && matches!(next()?, End)
        // Elsewhere in the function, a size would have another meaning.
        && !operators.into_iter().any(|operator| {
            matches!(operator, Ok(MemorySize { .. } | Operator::TableSize { .. } | Operator::TableGrow { .. }))
        }))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn behind(fields: &str) -> Option<(u64, u64)> {
        let module = wat::parse_str(format!("(module {fields})")).unwrap();
        let survey = Survey::of(&module).unwrap();
        survey
            .behind
            .map(|Extent { pages, elements }| (pages, elements))
    }

    #[test]
    fn modules_that_ask_for_no_size_can_have_others_behind_them() {
        assert_eq!(behind("(memory 3)"), Some((3, 0)));
        assert_eq!(behind("(memory 1 9) (table 7 funcref)"), Some((1, 7)));
        let grow = "(memory 1) (func (param i32) (drop (memory.grow (local.get 0))))";
        assert_eq!(behind(grow), Some((1, 0)));
    }

    #[test]
    fn sbrk_may_ask_for_the_size() {
        let sbrk = |more: &str| {
            format!(
                "(memory 2) (func (param i32) (result i32)
                    (block (br_if 0 (local.get 0)) (return (i32.shl (memory.size) (i32.const 16)))) {more}
                    (i32.shl (memory.grow (i32.shr_u (local.get 0) (i32.const 16))) (i32.const 16)))"
            )
        };
        assert_eq!(behind(&sbrk("")), Some((2, 0)));
        assert_eq!(behind(&sbrk("(drop (memory.size))")), None);
        // It takes a number and returns one, and there is only one of it.
        let other = "(memory 2) (func (param i32)
            (block (br_if 0 (local.get 0)) (return (i32.shl (memory.size) (i32.const 16)))))";
        assert_eq!(behind(other), None);
        let again = sbrk("").replace("(memory 2)", "");
        assert_eq!(behind(&(sbrk("") + &again)), None);
    }

    #[test]
    fn modules_that_ask_for_a_size_cannot_have_others_behind_them() {
        for module in [
            "(memory 1) (func (drop (memory.size)))",
            "(memory 1) (func (drop (memory.grow (i32.const 0))))",
            "(memory 1) (table 1 funcref) (func (drop (table.size 0)))",
            "(memory 1) (table 1 funcref) (func (drop (table.grow (ref.null func) (i32.const 1))))",
            "(memory 1) (memory 1)",
            "(memory 1) (table 1 funcref) (table 1 funcref)",
            "(memory 1) (table 1 externref)",
            "(memory i64 1)",
            "(import \"env\" \"memory\" (memory 1))",
            "",
        ] {
            assert_eq!(behind(module), None, "{module}");
        }
    }

    #[test]
    fn the_stack_is_known_by_its_name() {
        let module =
            "(module (global i32 (i32.const 0)) (global $__stack_pointer (mut i32) (i32.const 8)))";
        let module = wat::parse_str(module).unwrap();
        assert_eq!(Survey::of(&module).unwrap().stack, Some(1));
    }

    #[test]
    fn passive_data_is_detected() {
        let has = |module: &str| {
            Survey::of(&wat::parse_str(module).unwrap())
                .unwrap()
                .has_passive_data
        };
        assert!(has("(module (memory 1) (data \"x\"))"));
        assert!(!has("(module (memory 1) (data (i32.const 0) \"x\"))"));
    }
}
