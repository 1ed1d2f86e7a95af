//! Changes a core module: removes imports and exports, adds others, and removes imports and function bodies that are
//! unreachable then.

use anyhow::{Context, Result, anyhow};
use std::collections::HashMap;
use std::convert::Infallible;
use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{
    CodeSection, EntityType, ExportKind, ExportSection, Function, FunctionSection, ImportSection,
    Instruction, Module, NameMap, NameSection, TypeSection, ValType,
};
use wasmparser::{
    ElementItems, ExternalKind, FunctionBody, Name, Operator, Parser, Payload, TypeRef,
    WasmFeatures,
};

/// The changes to a module.
pub struct Changes<'a> {
    /// Whether to remove an import (module, name): calling it then traps.
    pub trap: &'a dyn Fn(&str, &str) -> bool,
    /// Whether to keep an export.
    pub keep: &'a dyn Fn(&str) -> bool,
    /// New imports.
    pub imports: Vec<NewImport>,
    /// New functions.
    pub functions: Vec<NewFunction>,
}

/// A function that is imported.
pub struct NewImport {
    pub module: String,
    pub name: String,
    pub params: Vec<ValType>,
    pub results: Vec<ValType>,
}

/// A new function, which is exported, or called by others under this name.
pub struct NewFunction {
    pub name: String,
    pub params: Vec<ValType>,
    pub results: Vec<ValType>,
    pub body: Box<dyn Fn(&Names) -> Function>,
}

/// The indices of functions, by the names of exports, or of imports (`module#name`).
#[derive(Default)]
pub struct Names(HashMap<String, u32>);

impl Names {
    /// # Panics
    /// If there is no such function: an internal error.
    pub fn call(&self, name: &str) -> Instruction<'static> {
        match self.0.get(name) {
            Some(index) => Instruction::Call(*index),
            None => panic!("the module has no function `{name}`"),
        }
    }
}

/// The changed module.
///
/// # Errors
/// If the module is malformed.
pub fn change(module: &[u8], changes: &Changes<'_>) -> Result<Vec<u8>> {
    let survey = Reach::of(module, changes).context("failed to read a module")?;
    let mut changer = Changer { changes, survey };
    let mut changed = Module::new();
    changer
        .parse_core_module(&mut changed, Parser::new(0), module)
        .map_err(|error| anyhow!("failed to change a module: {error}"))?;
    Ok(changed.finish())
}

/// A survey of the module before the changes.
#[derive(Default)]
struct Reach {
    types: u32,
    /// For each imported function: its type, and whether it is removed, on request or because it is unreachable.
    imports: Vec<(u32, bool)>,
    /// How many functions the module defines.
    defined: u32,
    /// The functions of exports that stay.
    exports: Vec<(String, u32)>,
    /// Whether each function is reachable.
    reached: Vec<bool>,
}

impl Reach {
    fn of(module: &[u8], changes: &Changes<'_>) -> Result<Reach> {
        let mut survey = Reach::default();
        let mut roots = Vec::new();
        let mut calls: Vec<Vec<u32>> = Vec::new();
        let mut parser = Parser::new(0);
        parser.set_features(WasmFeatures::all());
        for payload in parser.parse_all(module) {
            match payload? {
                Payload::TypeSection(section) => {
                    for group in section {
                        survey.types += group?.types().len() as u32;
                    }
                }
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        let import = import?;
                        if let TypeRef::Func(ty) = import.ty {
                            let trap = (changes.trap)(import.module, import.name);
                            survey.imports.push((ty, trap));
                        }
                    }
                }
                Payload::FunctionSection(section) => survey.defined = section.count(),
                Payload::ExportSection(section) => {
                    for export in section {
                        let export = export?;
                        if export.kind == ExternalKind::Func && (changes.keep)(export.name) {
                            roots.push(export.index);
                            survey.exports.push((export.name.to_owned(), export.index));
                        }
                    }
                }
                Payload::StartSection { func, .. } => roots.push(func),
                Payload::GlobalSection(section) => {
                    for global in section {
                        let mut operators = global?.init_expr.get_operators_reader();
                        while !operators.eof() {
                            roots.extend(mentioned(&operators.read()?));
                        }
                    }
                }
                Payload::ElementSection(section) => {
                    for element in section {
                        match element?.items {
                            ElementItems::Functions(functions) => {
                                for function in functions {
                                    roots.push(function?);
                                }
                            }
                            ElementItems::Expressions(_, expressions) => {
                                for expression in expressions {
                                    let mut operators = expression?.get_operators_reader();
                                    while !operators.eof() {
                                        roots.extend(mentioned(&operators.read()?));
                                    }
                                }
                            }
                        }
                    }
                }
                Payload::CodeSectionEntry(body) => {
                    let mut operators = body.get_operators_reader()?;
                    let mut called = Vec::new();
                    while !operators.eof() {
                        called.extend(mentioned(&operators.read()?));
                    }
                    calls.push(called);
                }
                _ => {}
            }
        }
        let imported = survey.imports.len();
        survey.reached = vec![false; imported + survey.defined as usize];
        while let Some(function) = roots.pop() {
            let seen = survey
                .reached
                .get_mut(function as usize)
                .context("a function is called that does not exist")?;
            if !std::mem::replace(seen, true)
                && let Some(called) = (function as usize)
                    .checked_sub(imported)
                    .and_then(|at| calls.get(at))
            {
                roots.extend(called);
            }
        }
        // Functions that nobody calls are not imported: each import costs something at instantiation.
        for ((_, trap), reached) in survey.imports.iter_mut().zip(&survey.reached) {
            *trap |= !reached;
        }
        Ok(survey)
    }

    fn taken(&self) -> u32 {
        self.imports.iter().filter(|(_, trap)| *trap).count() as u32
    }

    fn stay(&self) -> u32 {
        self.imports.len() as u32 - self.taken()
    }
}

/// The function that an instruction mentions.
fn mentioned(operator: &Operator<'_>) -> Option<u32> {
    match operator {
        Operator::Call { function_index }
        | Operator::ReturnCall { function_index }
        | Operator::RefFunc { function_index } => Some(*function_index),
        _ => None,
    }
}

/// The order of functions: kept imports, new imports, trapping ones, defined ones, new ones.
struct Changer<'a> {
    changes: &'a Changes<'a>,
    survey: Reach,
}

impl Changer<'_> {
    fn new_imports(&self) -> u32 {
        self.changes.imports.len() as u32
    }

    /// The new index of a function.
    fn index(&self, function: u32) -> u32 {
        let imports = &self.survey.imports;
        let Some((_, trap)) = imports.get(function as usize) else {
            return function + self.new_imports();
        };
        let before = &imports[..function as usize];
        let alike = before.iter().filter(|(_, other)| other == trap).count() as u32;
        if *trap {
            self.survey.stay() + self.new_imports() + alike
        } else {
            alike
        }
    }

    fn names(&self) -> Names {
        let mut names = HashMap::new();
        for (name, function) in &self.survey.exports {
            names.insert(name.clone(), self.index(*function));
        }
        for (at, import) in (0..).zip(&self.changes.imports) {
            let name = format!("{}#{}", import.module, import.name);
            names.insert(name, self.survey.stay() + at);
        }
        for (at, function) in (0..).zip(&self.changes.functions) {
            names.insert(function.name.clone(), self.first_new() + at);
        }
        Names(names)
    }

    /// The index of the first new function.
    fn first_new(&self) -> u32 {
        self.survey.imports.len() as u32 + self.new_imports() + self.survey.defined
    }
}

type Changed = Result<(), Error<Infallible>>;

impl Reencode for Changer<'_> {
    type Error = Infallible;

    fn function_index(&mut self, function: u32) -> Result<u32, Error<Infallible>> {
        Ok(self.index(function))
    }

    fn parse_type_section(
        &mut self,
        types: &mut TypeSection,
        section: wasmparser::TypeSectionReader<'_>,
    ) -> Changed {
        utils::parse_type_section(self, types, section)?;
        for import in &self.changes.imports {
            let params = import.params.iter().copied();
            types.ty().function(params, import.results.iter().copied());
        }
        for function in &self.changes.functions {
            let params = function.params.iter().copied();
            types
                .ty()
                .function(params, function.results.iter().copied());
        }
        Ok(())
    }

    fn parse_import_section(
        &mut self,
        imports: &mut ImportSection,
        section: wasmparser::ImportSectionReader<'_>,
    ) -> Changed {
        let mut function = 0;
        for import in section.into_imports() {
            let import = import?;
            let is_taken = match import.ty {
                TypeRef::Func(_) => {
                    function += 1;
                    self.survey.imports[function - 1].1
                }
                _ => false,
            };
            if !is_taken {
                self.parse_import(imports, import)?;
            }
        }
        for (at, import) in (0..).zip(&self.changes.imports) {
            let ty = EntityType::Function(self.survey.types + at);
            imports.import(&import.module, &import.name, ty);
        }
        Ok(())
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: wasmparser::FunctionSectionReader<'_>,
    ) -> Changed {
        for (ty, _) in self.survey.imports.iter().filter(|(_, trap)| *trap) {
            functions.function(*ty);
        }
        utils::parse_function_section(self, functions, section)?;
        let first = self.survey.types + self.new_imports();
        for at in 0..self.changes.functions.len() as u32 {
            functions.function(first + at);
        }
        Ok(())
    }

    fn parse_export_section(
        &mut self,
        exports: &mut ExportSection,
        section: wasmparser::ExportSectionReader<'_>,
    ) -> Changed {
        for export in section {
            let export = export?;
            if (self.changes.keep)(export.name) {
                self.parse_export(exports, export)?;
            }
        }
        for (at, function) in (0..).zip(&self.changes.functions) {
            exports.export(&function.name, ExportKind::Func, self.first_new() + at);
        }
        Ok(())
    }

    fn parse_custom_name_subsection(
        &mut self,
        names: &mut NameSection,
        section: Name<'_>,
    ) -> Changed {
        let Name::Function(functions) = section else {
            return utils::parse_custom_name_subsection(self, names, section);
        };
        // In the new order, without emptied functions.
        let mut named = Vec::new();
        for function in functions {
            let function = function?;
            let reached = self.survey.reached.get(function.index as usize);
            if reached.is_some_and(|reached| *reached) {
                named.push((self.index(function.index), function.name));
            }
        }
        named.sort();
        let mut functions = NameMap::new();
        for (index, name) in named {
            functions.append(index, name);
        }
        names.functions(&functions);
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: wasmparser::CodeSectionReader<'_>,
    ) -> Changed {
        for _ in 0..self.survey.taken() {
            code.function(&unreachable());
        }
        for (at, body) in section.into_iter().enumerate() {
            let body: FunctionBody<'_> = body?;
            if self.survey.reached[self.survey.imports.len() + at] {
                self.parse_function_body(code, body)?;
            } else {
                code.function(&unreachable());
            }
        }
        let names = self.names();
        for function in &self.changes.functions {
            code.function(&(function.body)(&names));
        }
        Ok(())
    }
}

fn unreachable() -> Function {
    let mut function = Function::new([]);
    function.instructions().unreachable().end();
    function
}
