//! Puts the guest's modules, the runtime and the glue into the place of the stub's module. All indices behind it move.

use crate::component::{self, Component, CoreFunc, CoreInstance, Module, Step};
use crate::customs;
use crate::error::{Error, Result};
use crate::glue::{GUEST, LATE, Late, MEMORY, RUNTIME, Source, runtime};
use crate::late::{self, FUNCTIONS};
use crate::plan::Plan;
use crate::stub;
use isyswasfa_wit::names::TASKS;
use std::collections::{BTreeMap, HashMap};
use wasm_encoder::reencode::{Reencode, ReencodeComponent, component_utils};
use wasm_encoder::{
    Alias, ComponentAliasSection, ComponentSectionId, ExportKind, InstanceSection, ModuleArg,
    RawSection,
};
use wasmparser::{ExternalKind, Parser, Payload};

/// The module of the stub: the encoder puts it first.
const STUB_MODULE: u32 = 0;

/// The component `stub` with the guest in it.
pub fn splice(stub: &[u8], plan: Plan<'_>) -> Result<Vec<u8>> {
    let shell = component::read(stub)?;
    let at = shell
        .core_instances
        .iter()
        .position(|instance| {
            matches!(instance, CoreInstance::Instantiate { module, .. } if *module == STUB_MODULE)
        })
        .ok_or_else(|| Error::internal("the stub is not instantiated"))? as u32;
    let mut splice = Splice {
        shell: &shell,
        at,
        stub,
        plan: Some(plan),
        seen: Counts::default(),
        moved: None,
        realloc: None,
    };
    let mut out = wasm_encoder::Component::new();
    splice
        .parse_component(&mut out, Parser::new(0), stub)
        .map_err(|error| match error {
            wasm_encoder::reencode::Error::UserError(error) => error,
            error => Error::internal(error),
        })?;
    Ok(out.finish())
}

/// How many items of each kind there are.
#[derive(Clone, Copy, Default, Debug)]
struct Counts {
    modules: u32,
    instances: u32,
    funcs: u32,
    memories: u32,
    tables: u32,
    globals: u32,
    tags: u32,
}

impl Counts {
    fn space(&mut self, kind: ExternalKind) -> &mut u32 {
        match kind {
            ExternalKind::Func | ExternalKind::FuncExact => &mut self.funcs,
            ExternalKind::Memory => &mut self.memories,
            ExternalKind::Table => &mut self.tables,
            ExternalKind::Global => &mut self.globals,
            ExternalKind::Tag => &mut self.tags,
        }
    }
}

/// Where the guest was put.
struct Moved {
    /// What there was before it.
    before: Counts,
    /// What there is with it.
    after: Counts,
    /// The instance that stands for the stub's.
    instance: u32,
    /// The reallocs of exported functions that have one of their own, by the names of these.
    reallocs: HashMap<String, u32>,
}

struct Splice<'a> {
    shell: &'a Component<'a>,
    /// The instance of the stub's module.
    at: u32,
    stub: &'a [u8],
    plan: Option<Plan<'a>>,
    seen: Counts,
    moved: Option<Moved>,
    /// The realloc of the function that is being lifted, if it is not the stub's.
    realloc: Option<u32>,
}

impl Splice<'_> {
    fn shift(&self, index: u32, space: impl Fn(&Counts) -> u32) -> u32 {
        match &self.moved {
            Some(moved) if index >= space(&moved.before) => {
                index - space(&moved.before) + space(&moved.after)
            }
            _ => index,
        }
    }
}

impl Reencode for Splice<'_> {
    type Error = Error;

    fn function_index(&mut self, index: u32) -> Result<u32, wasm_encoder::reencode::Error<Error>> {
        Ok(self.shift(index, |counts| counts.funcs))
    }

    fn memory_index(&mut self, index: u32) -> Result<u32, wasm_encoder::reencode::Error<Error>> {
        Ok(self.shift(index, |counts| counts.memories))
    }

    fn table_index(&mut self, index: u32) -> Result<u32, wasm_encoder::reencode::Error<Error>> {
        Ok(self.shift(index, |counts| counts.tables))
    }

    fn global_index(&mut self, index: u32) -> Result<u32, wasm_encoder::reencode::Error<Error>> {
        Ok(self.shift(index, |counts| counts.globals))
    }

    fn tag_index(&mut self, index: u32) -> Result<u32, wasm_encoder::reencode::Error<Error>> {
        Ok(self.shift(index, |counts| counts.tags))
    }
}

impl ReencodeComponent for Splice<'_> {
    fn module_index(&mut self, index: u32) -> u32 {
        // The stub's own module is replaced by the glue: it keeps its index.
        self.shift(index, |counts| counts.modules)
    }

    fn instance_index(&mut self, index: u32) -> u32 {
        match &self.moved {
            Some(moved) if index == self.at => moved.instance,
            Some(moved) if index > self.at => index - self.at - 1 + moved.after.instances,
            _ => index,
        }
    }

    fn parse_component_canonical(
        &mut self,
        section: &mut wasm_encoder::CanonicalFunctionSection,
        func: wasmparser::CanonicalFunction,
    ) -> Result<(), wasm_encoder::reencode::Error<Error>> {
        if let wasmparser::CanonicalFunction::Lift {
            core_func_index, ..
        } = &func
            && let CoreFunc::Alias(_, name) = &self.shell.core_funcs[*core_func_index as usize]
            && let Some(moved) = &self.moved
        {
            self.realloc = moved.reallocs.get(*name).copied();
        }
        component_utils::parse_component_canonical(self, section, func)?;
        self.realloc = None;
        Ok(())
    }

    fn canonical_option(
        &mut self,
        option: wasmparser::CanonicalOption,
    ) -> Result<wasm_encoder::CanonicalOption, wasm_encoder::reencode::Error<Error>> {
        match (option, self.realloc) {
            (wasmparser::CanonicalOption::Realloc(_), Some(realloc)) => {
                Ok(wasm_encoder::CanonicalOption::Realloc(realloc))
            }
            (option, _) => component_utils::canonical_option(self, option),
        }
    }

    fn parse_component_payload(
        &mut self,
        out: &mut wasm_encoder::Component,
        payload: Payload<'_>,
        whole: &[u8],
    ) -> Result<(), wasm_encoder::reencode::Error<Error>> {
        match payload {
            Payload::ModuleSection {
                unchecked_range, ..
            } => {
                let range = unchecked_range.start as usize..unchecked_range.end as usize;
                let index = self.seen.modules;
                self.seen.modules += 1;
                let data = match (index, &mut self.plan) {
                    (STUB_MODULE, Some(plan)) => std::mem::take(&mut plan.glue.builder).finish(),
                    _ => self.stub[range].to_vec(),
                };
                out.section(&RawSection {
                    id: ComponentSectionId::CoreModule.into(),
                    data: &data,
                });
                Ok(())
            }
            Payload::ComponentSection {
                unchecked_range, ..
            } => {
                let range = unchecked_range.start as usize..unchecked_range.end as usize;
                out.section(&RawSection {
                    id: ComponentSectionId::Component.into(),
                    data: &self.stub[range],
                });
                Ok(())
            }
            Payload::InstanceSection(section) => {
                let mut instances = InstanceSection::new();
                for instance in section {
                    let instance = instance?;
                    if self.seen.instances == self.at {
                        out.section(&instances);
                        instances = InstanceSection::new();
                        self.put(out)
                            .map_err(wasm_encoder::reencode::Error::UserError)?;
                    } else {
                        self.parse_instance(&mut instances, instance)?;
                    }
                    self.seen.instances += 1;
                }
                out.section(&instances);
                Ok(())
            }
            Payload::ComponentAliasSection(section) => {
                for alias in section.clone() {
                    if let wasmparser::ComponentAlias::CoreInstanceExport { kind, .. } = alias? {
                        *self.seen.space(kind) += 1;
                    }
                }
                component_utils::parse_component_payload(
                    self,
                    out,
                    Payload::ComponentAliasSection(section),
                    whole,
                )
            }
            Payload::ComponentCanonicalSection(section) => {
                for canon in section.clone() {
                    if !matches!(canon?, wasmparser::CanonicalFunction::Lift { .. }) {
                        self.seen.funcs += 1;
                    }
                }
                component_utils::parse_component_payload(
                    self,
                    out,
                    Payload::ComponentCanonicalSection(section),
                    whole,
                )
            }
            // The guest's own follow.
            Payload::CustomSection(section) if customs::is_remade(section.name()) => Ok(()),
            payload => component_utils::parse_component_payload(self, out, payload, whole),
        }
    }
}

impl<'a> Splice<'a> {
    /// Puts the guest here.
    fn put(&mut self, out: &mut wasm_encoder::Component) -> Result<()> {
        let plan = self
            .plan
            .take()
            .ok_or_else(|| Error::internal("two guests"))?;
        let before = self.seen;
        let args = match &self.shell.core_instances[self.at as usize] {
            CoreInstance::Instantiate { args, .. } => args
                .iter()
                .map(|(name, index)| ((*name).to_owned(), *index))
                .collect(),
            CoreInstance::Exports(_) => BTreeMap::new(),
        };
        let mut guest = Put {
            plan: &plan,
            out,
            // Modules of the shell that are still to come move behind those of the guest.
            next: before,
            args,
            modules: HashMap::new(),
            instances: HashMap::new(),
            aliases: HashMap::new(),
            late: 0,
            runtime: 0,
            glue: None,
            making_glue: false,
        };
        let instance = guest.all()?;
        let reallocs = guest.reallocs()?;
        let mut after = guest.next;
        after.modules = guest.next.modules;
        self.moved = Some(Moved {
            before,
            after,
            instance,
            reallocs,
        });
        Ok(())
    }
}

/// Writes the guest's core items.
struct Put<'p, 'a> {
    plan: &'p Plan<'a>,
    out: &'p mut wasm_encoder::Component,
    next: Counts,
    /// What the stub's module is given: instances with the imports of the split world.
    args: BTreeMap<String, u32>,
    /// The guest's modules and instances, by their indices in the original.
    modules: HashMap<u32, u32>,
    instances: HashMap<u32, u32>,
    aliases: HashMap<(ExportKind, u32, String), u32>,
    late: u32,
    runtime: u32,
    glue: Option<u32>,
    /// Whether what the glue needs is being written.
    making_glue: bool,
}

impl Put<'_, '_> {
    /// Writes all; the instance that has what the stub's module exported.
    fn all(&mut self) -> Result<u32> {
        // (1) The table, and the runtime.
        let late = self.module(&late::late(
            self.plan.glue.late.len() as u64,
            &self.plan.glue.early,
        ));
        self.late = self.instantiate(late, &[]);
        let runtime = self.module(runtime::MODULE);
        let tasks = self.arg(TASKS)?;
        let late = self.late;
        self.runtime = self.instantiate(runtime, &[(TASKS, tasks), (LATE, late)]);
        // (2) The guest.
        for step in &self.plan.component.order {
            match step {
                Step::CoreInstance(index) => {
                    self.guest_instance(*index)?;
                }
                Step::Start => {
                    return Err(Error::Unsupported(
                        "the component has a start function, which WASI 0.2 has not".to_owned(),
                    ));
                }
                Step::Instance(_) => {}
            }
        }
        // (3) What the table has.
        self.glue()?;
        let mut functions = Vec::new();
        for (place, (late, _)) in self.plan.glue.late.iter().enumerate() {
            let source = match late {
                Late::Glue(name) => Source::Glue(name.clone()),
                Late::Guest(index) => Source::Guest(*index),
                Late::Split(module, name) => Source::Split(module.clone(), name.clone()),
            };
            functions.push((place.to_string(), ExportKind::Func, self.source(&source)?));
        }
        let functions = self.collect(&functions);
        let fill = self.module(&late::fill(
            self.plan.glue.late.iter().map(|(_, signature)| signature),
        ));
        self.instantiate(fill, &[(FUNCTIONS, functions), (LATE, late)]);
        // (4) What is exported.
        let mut exports = Vec::new();
        for (name, _, source) in &self.plan.glue.exports {
            exports.push((name.clone(), ExportKind::Func, self.source(source)?));
        }
        let realloc = self.source(&Source::Glue("realloc".to_owned()))?;
        exports.push((stub::REALLOC.to_owned(), ExportKind::Func, realloc));
        let memory = self.memory()?;
        exports.push((stub::MEMORY.to_owned(), ExportKind::Memory, memory));
        Ok(self.collect(&exports))
    }

    /// The reallocs of exported functions that have one of their own.
    fn reallocs(&mut self) -> Result<HashMap<String, u32>> {
        let own = &self.plan.glue.own_reallocs;
        let reallocs = own.iter().map(|(function, realloc)| {
            let realloc = self.source(&Source::Glue((*realloc).to_owned()))?;
            Ok((function.clone(), realloc))
        });
        reallocs.collect()
    }

    fn arg(&self, module: &str) -> Result<u32> {
        self.args
            .get(module)
            .copied()
            .ok_or_else(|| Error::internal(format!("the split world does not import `{module}`")))
    }

    fn module(&mut self, bytes: &[u8]) -> u32 {
        self.out.section(&RawSection {
            id: ComponentSectionId::CoreModule.into(),
            data: bytes,
        });
        self.next.modules += 1;
        self.next.modules - 1
    }

    fn instantiate(&mut self, module: u32, args: &[(&str, u32)]) -> u32 {
        let mut section = InstanceSection::new();
        section.instantiate(
            module,
            args.iter()
                .map(|(name, index)| (*name, ModuleArg::Instance(*index))),
        );
        self.out.section(&section);
        self.next.instances += 1;
        self.next.instances - 1
    }

    fn collect(&mut self, items: &[(String, ExportKind, u32)]) -> u32 {
        let mut section = InstanceSection::new();
        section.export_items(
            items
                .iter()
                .map(|(name, kind, index)| (name.as_str(), *kind, *index)),
        );
        self.out.section(&section);
        self.next.instances += 1;
        self.next.instances - 1
    }

    fn alias(&mut self, kind: ExportKind, instance: u32, name: &str) -> u32 {
        let key = (kind, instance, name.to_owned());
        if let Some(index) = self.aliases.get(&key) {
            return *index;
        }
        let mut section = ComponentAliasSection::new();
        section.alias(Alias::CoreInstanceExport {
            instance,
            kind,
            name,
        });
        self.out.section(&section);
        let next = match kind {
            ExportKind::Memory => &mut self.next.memories,
            ExportKind::Table => &mut self.next.tables,
            ExportKind::Global => &mut self.next.globals,
            ExportKind::Tag => &mut self.next.tags,
            _ => &mut self.next.funcs,
        };
        *next += 1;
        let index = *next - 1;
        self.aliases.insert(key, index);
        index
    }

    /// The core function of a source.
    fn source(&mut self, source: &Source) -> Result<u32> {
        match source {
            Source::Split(module, name) => {
                let instance = self.arg(module)?;
                Ok(self.alias(ExportKind::Func, instance, name))
            }
            Source::Runtime(name) => {
                let instance = self.runtime;
                Ok(self.alias(ExportKind::Func, instance, name))
            }
            Source::Glue(name) if self.making_glue => {
                let late = self.late;
                Ok(self.alias(ExportKind::Func, late, name))
            }
            Source::Glue(name) => {
                let instance = self.glue()?;
                Ok(self.alias(ExportKind::Func, instance, name))
            }
            Source::Guest(index) => match &self.plan.component.core_funcs[*index as usize] {
                CoreFunc::Alias(instance, name) => {
                    let instance = self.guest_instance(*instance)?;
                    Ok(self.alias(ExportKind::Func, instance, name))
                }
                CoreFunc::Canon(_) => {
                    let source = self.plan.sources.get(index).cloned();
                    let source =
                        source.ok_or_else(|| Error::internal("a built-in was not planned"))?;
                    self.source(&source)
                }
            },
        }
    }

    /// The guest's core instance.
    fn guest_instance(&mut self, index: u32) -> Result<u32> {
        if let Some(instance) = self.instances.get(&index) {
            return Ok(*instance);
        }
        let component = self.plan.component;
        let instance = match &component.core_instances[index as usize] {
            CoreInstance::Instantiate { module, args } => {
                let mut given = Vec::new();
                for (name, instance) in args {
                    given.push((*name, self.guest_instance(*instance)?));
                }
                let module = self.guest_module(*module)?;
                self.instantiate(module, &given)
            }
            CoreInstance::Exports(exports) => {
                let mut items = Vec::new();
                for (name, kind, index) in exports {
                    let item = match kind {
                        ExternalKind::Func | ExternalKind::FuncExact => {
                            self.source(&Source::Guest(*index))?
                        }
                        kind => self.guest_item(*kind, *index)?,
                    };
                    items.push(((*name).to_owned(), export_kind(*kind), item));
                }
                self.collect(&items)
            }
        };
        self.instances.insert(index, instance);
        Ok(instance)
    }

    fn guest_module(&mut self, index: u32) -> Result<u32> {
        if let Some(module) = self.modules.get(&index) {
            return Ok(*module);
        }
        let Module::Here(bytes) = self.plan.component.modules[index as usize] else {
            return Err(Error::Unsupported(
                "the component imports core modules".to_owned(),
            ));
        };
        let module = self.module(bytes);
        self.modules.insert(index, module);
        Ok(module)
    }

    fn guest_item(&mut self, kind: ExternalKind, index: u32) -> Result<u32> {
        let (instance, name) = self.plan.component.core_item(kind, index)?;
        let instance = self.guest_instance(instance)?;
        Ok(self.alias(export_kind(kind), instance, name))
    }

    fn memory(&mut self) -> Result<u32> {
        match self.plan.memory {
            Some((instance, name)) => {
                let instance = self.guest_instance(instance)?;
                Ok(self.alias(ExportKind::Memory, instance, name))
            }
            None => {
                let glue = self.glue()?;
                Ok(self.alias(ExportKind::Memory, glue, MEMORY))
            }
        }
    }

    /// The glue: as soon as somebody needs it.
    fn glue(&mut self) -> Result<u32> {
        if let Some(instance) = self.glue {
            return Ok(instance);
        }
        self.making_glue = true;
        let mut guest = Vec::new();
        for (i, realloc) in self.plan.glue.reallocs.iter().enumerate() {
            let func = self.source(&Source::Guest(*realloc))?;
            guest.push((format!("realloc-{i}"), ExportKind::Func, func));
        }
        if self.plan.memory.is_some() {
            let memory = self.memory()?;
            guest.push((MEMORY.to_owned(), ExportKind::Memory, memory));
        }
        self.making_glue = false;
        let guest = self.collect(&guest);
        let mut args = vec![
            (GUEST.to_owned(), guest),
            (RUNTIME.to_owned(), self.runtime),
            (LATE.to_owned(), self.late),
        ];
        args.extend(self.args.clone());
        let args: Vec<(&str, u32)> = args
            .iter()
            .map(|(name, index)| (name.as_str(), *index))
            .collect();
        let instance = self.instantiate(STUB_MODULE, &args);
        self.glue = Some(instance);
        Ok(instance)
    }
}

fn export_kind(kind: ExternalKind) -> ExportKind {
    match kind {
        ExternalKind::Func | ExternalKind::FuncExact => ExportKind::Func,
        ExternalKind::Table => ExportKind::Table,
        ExternalKind::Memory => ExportKind::Memory,
        ExternalKind::Global => ExportKind::Global,
        ExternalKind::Tag => ExportKind::Tag,
    }
}
