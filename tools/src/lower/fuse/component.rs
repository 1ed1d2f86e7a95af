//! Makes the component of a fused module, without `wit-component`'s indirection.
//!
//! Functions of the host need a memory and a function that allocates in it. A module that imports such functions cannot have
//! exported these yet. So `wit-component` lets the module import functions of a table, and fills the table with a third module.
//! Here a first module has the memory with its contents, and an allocating function that calls a later one. So each import is
//! the host's own function, and there are two instances instead of three.

use super::merge::Merged;
use anyhow::{Context, Result, bail, ensure};
use std::collections::HashMap;
use wasm_encoder::{
    Alias, CanonicalFunctionSection, CanonicalOption, CodeSection, Component,
    ComponentAliasSection, ExportKind, ExportSection, Function, FunctionSection, InstanceSection,
    MemorySection, Module, ModuleArg, ModuleSection, RawSection, RefType, TableSection, TableType,
    TypeSection, ValType,
};
use wasmparser::{CanonicalFunction, ComponentAlias, ExternalKind, Instance, Parser, Payload};

/// The module name under which the second module imports the first one's memory and table.
pub const INSTANCE: &str = "isyswasfa:memory";
pub const MEMORY: &str = "memory";
/// The table with the function that allocates.
pub const TABLE: &str = "table";
pub const TABLE_TYPE: TableType = TableType {
    element_type: RefType::FUNCREF,
    table64: false,
    minimum: 1,
    maximum: Some(1),
    shared: false,
};
/// The function that calls the one in the table.
const REALLOC: &str = "realloc";

/// The module with the memory, its contents, and a table of one function, which it calls to allocate.
pub fn memory_module(merged: &Merged) -> Module {
    let mut types = TypeSection::new();
    types.ty().function([ValType::I32; 4], [ValType::I32]);
    let mut functions = FunctionSection::new();
    functions.function(0);
    let mut tables = TableSection::new();
    tables.table(TABLE_TYPE);
    let mut memories = MemorySection::new();
    memories.memory(merged.memory);
    let mut exports = ExportSection::new();
    exports
        .export(MEMORY, ExportKind::Memory, 0)
        .export(TABLE, ExportKind::Table, 0)
        .export(REALLOC, ExportKind::Func, 0);
    let mut realloc = Function::new([]);
    let mut body = realloc.instructions();
    for param in 0..4 {
        body.local_get(param);
    }
    body.i32_const(0).call_indirect(0, 0).end();
    let mut code = CodeSection::new();
    code.function(&realloc);
    let mut module = Module::new();
    module
        .section(&types)
        .section(&functions)
        .section(&tables)
        .section(&memories)
        .section(&exports)
        .section(&code)
        .section(&merged.data);
    module
}

/// Replaces the one module in `wit-component`'s component by these two. The second one also imports `imports` (module and
/// name).
///
/// # Errors
/// Internal error: the component has another structure than expected.
pub fn component(made: &[u8], modules: [&Module; 2], imports: &[(&str, &str)]) -> Result<Vec<u8>> {
    let core = Core::of(made)?;
    let mut component = Component::new();
    let mut is_core_there = false;
    let mut functions = 0;
    let mut depth = 0;
    for payload in Parser::new(0).parse_all(made) {
        let payload = payload?;
        match &payload {
            _ if depth > 0 => {
                match payload {
                    Payload::End(_) => depth -= 1,
                    Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
                    _ => {}
                }
                continue;
            }
            Payload::ModuleSection { .. } => {
                depth += 1;
                continue;
            }
            Payload::ComponentSection { .. } => depth += 1,
            Payload::InstanceSection(_) => continue,
            // Names of items that are not there any more.
            Payload::CustomSection(section) if section.name() == "component-name" => continue,
            Payload::ComponentAliasSection(section) => {
                let mut aliases = ComponentAliasSection::new();
                for alias in section.clone() {
                    match alias? {
                        ComponentAlias::InstanceExport {
                            kind,
                            instance_index,
                            name,
                        } => {
                            aliases.alias(Alias::InstanceExport {
                                instance: instance_index,
                                kind: kind.into(),
                                name,
                            });
                        }
                        ComponentAlias::Outer { kind, count, index } => {
                            aliases.alias(Alias::Outer {
                                kind: kind.into(),
                                count,
                                index,
                            });
                        }
                        ComponentAlias::CoreInstanceExport { .. } => {}
                    }
                }
                if !aliases.is_empty() {
                    component.section(&aliases);
                }
                continue;
            }
            Payload::ComponentCanonicalSection(section) => {
                for function in section.clone() {
                    let CanonicalFunction::Lift {
                        core_func_index,
                        type_index,
                        options,
                    } = function?
                    else {
                        continue;
                    };
                    if !std::mem::replace(&mut is_core_there, true) {
                        functions = core.write(&mut component, modules, imports)?;
                    }
                    let mut aliases = ComponentAliasSection::new();
                    let mut alias = |function: u32| -> Result<u32> {
                        aliases.alias(Alias::CoreInstanceExport {
                            instance: core.second(imports),
                            kind: ExportKind::Func,
                            name: core.export_of_main(function)?,
                        });
                        functions += 1;
                        Ok(functions - 1)
                    };
                    let function = alias(core_func_index)?;
                    let options = core.options(&options, &mut alias)?;
                    component.section(&aliases);
                    let mut canonical = CanonicalFunctionSection::new();
                    canonical.lift(function, type_index, options);
                    component.section(&canonical);
                }
                continue;
            }
            _ => {}
        }
        if let Some((id, range)) = payload.as_section() {
            let data = &made[range.start as usize..range.end as usize];
            component.section(&RawSection { id, data });
        }
    }
    ensure!(is_core_there, "it exports nothing");
    Ok(component.finish())
}

/// The core instances and functions of the encoded component.
#[derive(Default)]
struct Core<'a> {
    instances: Vec<Instance<'a>>,
    functions: Vec<CoreFunction<'a>>,
    memories: u32,
}

enum CoreFunction<'a> {
    Export(u32, &'a str),
    Canonical(CanonicalFunction),
}

/// The first module is the one that was encoded.
const MAIN: u32 = 0;

impl<'a> Core<'a> {
    fn of(component: &'a [u8]) -> Result<Core<'a>> {
        let mut core = Core::default();
        let mut depth = 0;
        for payload in Parser::new(0).parse_all(component) {
            match payload? {
                Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
                Payload::End(_) => depth -= 1,
                _ if depth > 0 => {}
                Payload::InstanceSection(section) => {
                    for instance in section {
                        core.instances.push(instance?);
                    }
                }
                Payload::ComponentAliasSection(section) => {
                    for alias in section {
                        if let ComponentAlias::CoreInstanceExport {
                            kind,
                            instance_index,
                            name,
                        } = alias?
                        {
                            match kind {
                                ExternalKind::Func => core
                                    .functions
                                    .push(CoreFunction::Export(instance_index, name)),
                                ExternalKind::Memory => core.memories += 1,
                                _ => {}
                            }
                        }
                    }
                }
                Payload::ComponentCanonicalSection(section) => {
                    for function in section {
                        let function = function?;
                        if !matches!(function, CanonicalFunction::Lift { .. }) {
                            core.functions.push(CoreFunction::Canonical(function));
                        }
                    }
                }
                _ => {}
            }
        }
        ensure!(core.memories <= 1, "it has several memories");
        Ok(core)
    }

    /// The arguments of an instance.
    fn arguments(&self, module: u32) -> Option<HashMap<&'a str, u32>> {
        self.instances.iter().find_map(|instance| match instance {
            Instance::Instantiate { module_index, args } if *module_index == module => {
                Some(args.iter().map(|arg| (arg.name, arg.index)).collect())
            }
            _ => None,
        })
    }

    /// A function of an instance that consists of functions.
    fn item(&self, instance: u32, name: &str) -> Option<u32> {
        match self.instances.get(instance as usize)? {
            Instance::FromExports(items) => items
                .iter()
                .find(|item| item.kind == ExternalKind::Func && item.name == name)
                .map(|item| item.index),
            Instance::Instantiate { .. } => None,
        }
    }

    /// The function that the encoded module imports under this name, through all indirections.
    fn import(&self, module: &str, name: &str) -> Option<&CanonicalFunction> {
        let arguments = self.arguments(MAIN)?;
        let function = self.item(*arguments.get(module)?, name)?;
        match self.functions.get(function as usize)? {
            CoreFunction::Canonical(function) => Some(function),
            // A function of the table: its entry has the same name.
            CoreFunction::Export(_, name) => (MAIN + 1..)
                .map_while(|module| self.arguments(module))
                .find_map(|arguments| {
                    let mut instances = arguments.values();
                    let function = instances.find_map(|instance| self.item(*instance, name))?;
                    match self.functions.get(function as usize)? {
                        CoreFunction::Canonical(function) => Some(function),
                        CoreFunction::Export(..) => None,
                    }
                }),
        }
    }

    /// The name under which the encoded module exports this function.
    fn export_of_main(&self, function: u32) -> Result<&'a str> {
        match self.functions.get(function as usize) {
            Some(CoreFunction::Export(instance, name))
                if matches!(
                    self.instances.get(*instance as usize),
                    Some(Instance::Instantiate {
                        module_index: MAIN,
                        ..
                    })
                ) =>
            {
                Ok(name)
            }
            _ => bail!("it exports a function of another module"),
        }
    }

    /// The index of the second module's instance: after the first one's, and those of functions.
    fn second(&self, imports: &[(&str, &str)]) -> u32 {
        1 + modules_of(imports).len() as u32
    }

    /// Writes modules and instances: the memory's, one of functions for each imported module name, and the second one's.
    /// Returns the number of functions.
    fn write(
        &self,
        component: &mut Component,
        modules: [&Module; 2],
        imports: &[(&str, &str)],
    ) -> Result<u32> {
        for module in modules {
            component.section(&ModuleSection(module));
        }
        let mut instances = InstanceSection::new();
        instances.instantiate(0, std::iter::empty::<(&str, ModuleArg)>());
        component.section(&instances);
        let mut aliases = ComponentAliasSection::new();
        let mut alias = |kind, name| {
            aliases.alias(Alias::CoreInstanceExport {
                instance: 0,
                kind,
                name,
            });
        };
        alias(ExportKind::Memory, MEMORY);
        alias(ExportKind::Func, REALLOC);
        component.section(&aliases);

        let mut canonical = CanonicalFunctionSection::new();
        let mut instances = InstanceSection::new();
        // After the one that allocates.
        let mut functions = 1;
        for module in modules_of(imports) {
            let names = imports.iter().filter(|(of, _)| *of == module);
            let mut items = Vec::new();
            for (_, name) in names {
                let function = self
                    .import(module, name)
                    .with_context(|| format!("it has no `{name}` of `{module}`"))?;
                match function {
                    CanonicalFunction::Lower {
                        func_index,
                        options,
                    } => {
                        let options = self.options(options, &mut |_| {
                            bail!("a function of the host has one to be called after it")
                        })?;
                        canonical.lower(*func_index, options)
                    }
                    CanonicalFunction::ResourceDrop { resource } => {
                        canonical.resource_drop(*resource)
                    }
                    CanonicalFunction::ResourceNew { resource } => {
                        canonical.resource_new(*resource)
                    }
                    CanonicalFunction::ResourceRep { resource } => {
                        canonical.resource_rep(*resource)
                    }
                    other => bail!("it imports something unexpected, {other:?}"),
                };
                items.push((*name, ExportKind::Func, functions));
                functions += 1;
            }
            instances.export_items(items);
        }
        let arguments = modules_of(imports).into_iter().zip(1..);
        let arguments = arguments.map(|(name, index)| (name, ModuleArg::Instance(index)));
        let memory = (INSTANCE, ModuleArg::Instance(0));
        let arguments: Vec<_> = arguments.chain([memory]).collect();
        instances.instantiate(1, arguments);
        component.section(&canonical);
        component.section(&instances);
        Ok(functions)
    }

    /// The options with our memory and our allocating function. `alias` returns the index of an exported function.
    fn options(
        &self,
        options: &[wasmparser::CanonicalOption],
        alias: &mut dyn FnMut(u32) -> Result<u32>,
    ) -> Result<Vec<CanonicalOption>> {
        let options = options.iter().map(|option| {
            Ok(match option {
                wasmparser::CanonicalOption::UTF8 => CanonicalOption::UTF8,
                wasmparser::CanonicalOption::Memory(_) => CanonicalOption::Memory(0),
                wasmparser::CanonicalOption::Realloc(_) => CanonicalOption::Realloc(0),
                wasmparser::CanonicalOption::PostReturn(function) => {
                    CanonicalOption::PostReturn(alias(*function)?)
                }
                other => bail!("a function has an unexpected option, {other:?}"),
            })
        });
        options.collect()
    }
}

/// The modules that functions are imported from, in order.
fn modules_of<'n>(imports: &[(&'n str, &'n str)]) -> Vec<&'n str> {
    let mut modules: Vec<&str> = Vec::new();
    for (module, _) in imports {
        if !modules.contains(module) {
            modules.push(module);
        }
    }
    modules
}
