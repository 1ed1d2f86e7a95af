//! Where a component uses a canonical built-in, for refusals: the import by which a core module calls it, and the exported functions
//! whose code does.

use crate::component::{Component, CoreFunc, CoreInstance, Lift, Module};
use crate::error::{Error, Result};
use std::collections::{HashMap, HashSet};
use wasmparser::{
    CanonicalOption, ConstExpr, ElementItems, ElementKind, ExternalKind, Operator, Parser, Payload,
    TypeRef,
};

/// So many functions are named.
const NAMED: usize = 3;

/// Longer names of imports are not shown.
const LONG: usize = 200;

/// A function of an instantiated module.
type Node = (u32, u32);

/// The error, with where the component uses the built-in (the core function `index`) that it is about. `lifts`: the exported functions,
/// as they are called in messages.
pub fn explain(
    error: Error,
    component: &Component<'_>,
    index: u32,
    lifts: &[(String, Lift)],
) -> Error {
    let Error::Unsupported(what) = error else {
        return error;
    };
    match Usage::new(component) {
        Ok(usage) => Error::Unsupported(format!("{what}{}", usage.of(index, lifts))),
        Err(error) => error,
    }
}

/// The error, about the options of a built-in or lowered function that are unlike those of another one, with the import of it.
pub fn explain_options(error: Error, component: &Component<'_>, index: u32) -> Error {
    let Error::Unsupported(what) = error else {
        return error;
    };
    match Usage::new(component).map(|usage| usage.import(index)) {
        Ok(Some(import)) => Error::Unsupported(format!("{what}: {import} has the other")),
        Ok(None) => Error::Unsupported(what),
        Err(error) => error,
    }
}

/// The core functions that something is given.
pub fn used_functions(component: &Component<'_>) -> Vec<u32> {
    let mut used: Vec<u32> = component
        .core_instances
        .iter()
        .filter_map(|instance| match instance {
            CoreInstance::Exports(exports) => Some(exports),
            CoreInstance::Instantiate { .. } => None,
        })
        .flatten()
        .filter(|(_, kind, _)| matches!(kind, ExternalKind::Func | ExternalKind::FuncExact))
        .map(|(.., index)| *index)
        .collect();
    used.sort_unstable();
    used.dedup();
    used
}

/// What the core functions of a component call, as far as their code says it: not through tables.
struct Usage<'a> {
    component: &'a Component<'a>,
    modules: HashMap<u32, Code<'a>>,
}

/// What a core module says of its functions.
#[derive(Default)]
struct Code<'a> {
    /// The functions that it imports.
    imports: Vec<(&'a str, &'a str)>,
    /// The table that it imports, if it has one.
    table: Option<(&'a str, &'a str)>,
    /// The exported functions.
    exports: HashMap<&'a str, u32>,
    /// What its own functions call, in order.
    calls: Vec<HashSet<u32>>,
    /// Functions that do nothing but call what is at this place of a table.
    trampolines: HashMap<u32, u32>,
    /// What it puts into a table, by its place.
    elements: HashMap<u32, u32>,
}

/// What a core function is, behind aliases and trampolines.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Target {
    BuiltIn(u32),
    Func(Node),
    Unknown,
}

impl<'a> Usage<'a> {
    fn new(component: &'a Component<'a>) -> Result<Usage<'a>> {
        let mut modules = HashMap::new();
        for (index, module) in component.modules.iter().enumerate() {
            if let Module::Here(bytes) = module {
                modules.insert(index as u32, Code::read(bytes)?);
            }
        }
        Ok(Usage { component, modules })
    }

    /// What a refusal of the built-in ends with.
    fn of(&self, index: u32, lifts: &[(String, Lift)]) -> String {
        let import = self.import(index);
        let callers: Vec<&str> = lifts
            .iter()
            .filter(|(_, lift)| self.calls(lift, index))
            .map(|(name, _)| name.as_str())
            .collect();
        // A component with one function uses all for it.
        let callers = match (callers.as_slice(), lifts) {
            ([], [(only, _)]) => vec![only.as_str()],
            _ => callers,
        };
        match (functions(&callers), import) {
            (Some(functions), Some(import)) => format!(": {functions} it as {import}"),
            (Some(functions), None) => format!(": {functions} it"),
            (None, Some(import)) => format!(": it is {import}"),
            (None, None) => String::new(),
        }
    }

    /// The import by which a core module calls the built-in, as messages call it.
    fn import(&self, index: u32) -> Option<String> {
        let (module, name) = self.imports(index)?;
        Some(match module.len() + name.len() {
            ..=LONG => format!("the core import `{module:?} {name:?}`"),
            _ => "a core import with a long name".to_owned(),
        })
    }

    fn module(&self, instance: u32) -> Option<&Code<'a>> {
        match &self.component.core_instances[instance as usize] {
            CoreInstance::Instantiate { module, .. } => self.modules.get(module),
            CoreInstance::Exports(_) => None,
        }
    }

    /// The import that is the built-in: that of a module with code, before one that only fills the table of trampolines.
    fn imports(&self, built_in: u32) -> Option<(&'a str, &'a str)> {
        let mut found = None;
        for instance in 0..self.component.core_instances.len() as u32 {
            let Some(code) = self.module(instance) else {
                continue;
            };
            for (number, import) in code.imports.iter().enumerate() {
                let target = self.func((instance, number as u32), 0);
                if target != Target::BuiltIn(built_in) {
                    continue;
                }
                if !code.calls.is_empty() {
                    return Some(*import);
                }
                found = Some(*import);
            }
        }
        found
    }

    /// Whether a lifted function or its callback reaches the built-in.
    fn calls(&self, lift: &Lift, built_in: u32) -> bool {
        let callback = lift.options.iter().filter_map(|option| match option {
            CanonicalOption::Callback(func) | CanonicalOption::PostReturn(func) => Some(*func),
            _ => None,
        });
        let mut next: Vec<Target> = callback
            .chain([lift.core_func])
            .map(|func| self.core_func(func, 0))
            .collect();
        let mut seen = HashSet::new();
        while let Some(target) = next.pop() {
            match target {
                Target::BuiltIn(index) if index == built_in => return true,
                Target::Func(node) if seen.insert(node) => {
                    let (instance, func) = node;
                    let Some(code) = self.module(instance) else {
                        continue;
                    };
                    let own = (func as usize).checked_sub(code.imports.len());
                    let calls = own.and_then(|own| code.calls.get(own));
                    let calls = calls.into_iter().flatten();
                    next.extend(calls.map(|called| self.func((instance, *called), 0)));
                }
                _ => {}
            }
        }
        false
    }

    fn core_func(&self, index: u32, depth: usize) -> Target {
        match self.component.core_funcs.get(index as usize) {
            Some(CoreFunc::Canon(_)) => Target::BuiltIn(index),
            Some(CoreFunc::Alias(instance, name)) => self.export(*instance, name, depth),
            None => Target::Unknown,
        }
    }

    fn export(&self, instance: u32, name: &str, depth: usize) -> Target {
        match &self.component.core_instances[instance as usize] {
            CoreInstance::Exports(exports) => {
                let export = exports.iter().find(|(export, ..)| *export == name);
                export.map_or(Target::Unknown, |(.., index)| {
                    self.core_func(*index, depth + 1)
                })
            }
            CoreInstance::Instantiate { .. } => {
                let code = self.module(instance);
                let func = code.and_then(|code| code.exports.get(name));
                func.map_or(Target::Unknown, |func| {
                    self.func((instance, *func), depth + 1)
                })
            }
        }
    }

    /// What a function of an instance is: an import of it may be one of another instance.
    fn func(&self, node: Node, depth: usize) -> Target {
        let (instance, func) = node;
        let Some(code) = self.module(instance).filter(|_| depth < 100) else {
            return Target::Unknown;
        };
        if let Some((module, name)) = code.imports.get(func as usize) {
            return match self.argument(instance, module) {
                Some(argument) => self.export(argument, name, depth + 1),
                None => Target::Unknown,
            };
        }
        match code.trampolines.get(&func) {
            Some(place) => self
                .element(instance, *place, depth)
                .unwrap_or(Target::Func(node)),
            None => Target::Func(node),
        }
    }

    fn argument(&self, instance: u32, module: &str) -> Option<u32> {
        let CoreInstance::Instantiate { args, .. } =
            &self.component.core_instances[instance as usize]
        else {
            return None;
        };
        let (_, argument) = args.iter().find(|(name, _)| *name == module)?;
        Some(*argument)
    }

    /// What another instance puts into the table of `owner`, at `place`.
    fn element(&self, owner: u32, place: u32, depth: usize) -> Option<Target> {
        for filler in 0..self.component.core_instances.len() as u32 {
            let Some(code) = self.module(filler) else {
                continue;
            };
            let (Some((module, name)), Some(func)) = (code.table, code.elements.get(&place)) else {
                continue;
            };
            let argument = self.argument(filler, module)?;
            let table = match &self.component.core_instances[argument as usize] {
                CoreInstance::Instantiate { .. } => argument,
                CoreInstance::Exports(exports) => {
                    let (.., index) = exports.iter().find(|(export, ..)| *export == name)?;
                    let table = self.component.core_item(ExternalKind::Table, *index);
                    table.ok()?.0
                }
            };
            if table == owner {
                return Some(self.func((filler, *func), depth + 1));
            }
        }
        None
    }
}

/// The functions as the subject of a sentence, with its verb.
fn functions(names: &[&str]) -> Option<String> {
    let shown: Vec<String> = names.iter().take(NAMED).map(|n| n.to_string()).collect();
    let more = names.len().saturating_sub(NAMED);
    match (names.len(), more) {
        (0, _) => None,
        (1, _) => Some(format!("the exported function {} has", shown[0])),
        (_, 0) => Some(format!("the exported functions {} have", shown.join(", "))),
        _ => Some(format!(
            "the exported functions {} and {more} more have",
            shown.join(", ")
        )),
    }
}

impl<'a> Code<'a> {
    /// Reads a module that the validator has accepted.
    fn read(bytes: &'a [u8]) -> Result<Code<'a>> {
        let mut code = Code::default();
        for payload in Parser::new(0).parse_all(bytes) {
            match payload? {
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        let import = import?;
                        match import.ty {
                            TypeRef::Func(_) | TypeRef::FuncExact(_) => {
                                code.imports.push((import.module, import.name));
                            }
                            TypeRef::Table(_) => code.table = Some((import.module, import.name)),
                            _ => {}
                        }
                    }
                }
                Payload::ExportSection(section) => {
                    for export in section {
                        let export = export?;
                        if let ExternalKind::Func | ExternalKind::FuncExact = export.kind {
                            code.exports.insert(export.name, export.index);
                        }
                    }
                }
                Payload::ElementSection(section) => {
                    for element in section {
                        let element = element?;
                        let ElementKind::Active { offset_expr, .. } = element.kind else {
                            continue;
                        };
                        let (Some(first), ElementItems::Functions(functions)) =
                            (constant(&offset_expr), element.items)
                        else {
                            continue;
                        };
                        for (place, function) in functions.into_iter().enumerate() {
                            let place = first.saturating_add(place as u32);
                            code.elements.insert(place, function?);
                        }
                    }
                }
                Payload::CodeSectionEntry(body) => code.body(&body)?,
                _ => {}
            }
        }
        Ok(code)
    }

    fn body(&mut self, body: &wasmparser::FunctionBody<'a>) -> Result<()> {
        let mut calls = HashSet::new();
        let mut last = None;
        let (mut indirect, mut other) = (None, false);
        for operator in body.get_operators_reader()? {
            match operator? {
                Operator::Call { function_index }
                | Operator::ReturnCall { function_index }
                | Operator::RefFunc { function_index } => {
                    calls.insert(function_index);
                    other = true;
                }
                Operator::CallIndirect { .. } if last.is_some() && indirect.is_none() => {
                    indirect = last;
                }
                Operator::I32Const { value } => last = Some(value as u32),
                Operator::LocalGet { .. } | Operator::End | Operator::Return => {}
                _ => other = true,
            }
        }
        if let Some(place) = indirect.filter(|_| !other) {
            let func = (self.imports.len() + self.calls.len()) as u32;
            self.trampolines.insert(func, place);
        }
        self.calls.push(calls);
        Ok(())
    }
}

fn constant(expression: &ConstExpr<'_>) -> Option<u32> {
    match expression.get_operators_reader().read() {
        Ok(Operator::I32Const { value }) => Some(value as u32),
        _ => None,
    }
}
