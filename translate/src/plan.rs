//! Decides what each core function that the guest imports becomes, and what is exported.

use crate::component::{Component, CoreFunc, CoreInstance, FuncOrigin};
use crate::error::{Error, Result};
use crate::glue::imports::LowerOptions;
use crate::glue::layout::Layouts;
use crate::glue::pipes::{Channel, Operation, Own};
use crate::glue::{Glue, Source};
use crate::key::{Binary, ResourceName, Side};
use crate::module::Signature;
use crate::world::{Changed, Direction, Shape, World};
use isyswasfa_wit::names::{POLL, POLL_SUFFIX};
use std::collections::HashMap;
use wasm_encoder::ValType;
use wasmparser::{CanonicalFunction, CanonicalOption, ComponentExternalKind, ExternalKind};
use wit_parser::{Function, WorldItem};

/// A core item of the guest's: an export of an instance that comes from a module.
pub type CoreExport<'a> = (u32, &'a str);

/// What becomes of the guest.
pub struct Plan<'a> {
    pub component: &'a Component<'a>,
    pub glue: Glue<'a>,
    /// What each canonical core function becomes.
    pub sources: HashMap<u32, Source>,
    /// The guest's memory; none: it has none.
    pub memory: Option<CoreExport<'a>>,
    pub encoding: wit_component::StringEncoding,
}

impl<'a> Plan<'a> {
    pub fn new(
        component: &'a Component<'a>,
        binary: &Binary<'_>,
        world: &'a World,
    ) -> Result<Plan<'a>> {
        let options = Options::collect(component)?;
        let imports = world.functions(Direction::Import)?;
        let exports = world.functions(Direction::Export)?;
        let encoding = options
            .encoding
            .unwrap_or(wit_component::StringEncoding::UTF8);
        let layouts = Layouts {
            resolve: &world.split.resolve,
            sizes: &world.sizes,
            encoding,
        };
        let glue = Glue::new(
            world,
            options.reallocs.clone(),
            options.memory.is_some(),
            largest_answer(&layouts, imports.iter().chain(&exports)),
            layouts,
        );
        let mut plan = Plan {
            component,
            glue,
            sources: HashMap::new(),
            memory: options.memory,
            encoding,
        };
        plan.resources(binary)?;
        plan.exports(&exports)?;
        plan.glue.serve_pipes()?;
        plan.glue.parameter_reallocs();
        let by_name: HashMap<(Option<&str>, &str), &Changed> = imports
            .iter()
            .map(|changed| {
                let interface = changed.interface.as_deref();
                ((interface, changed.original.name.as_str()), changed)
            })
            .collect();
        for index in used_functions(component) {
            if let CoreFunc::Canon(canon) = &component.core_funcs[index as usize] {
                let source = plan.source(canon, &by_name, &exports, binary, &options)?;
                if let Source::Glue(name) = &source {
                    plan.glue.add_early(name);
                }
                plan.sources.insert(index, source);
            }
        }
        Ok(plan)
    }

    /// All that the split world exports.
    fn exports(&mut self, functions: &[Changed]) -> Result<()> {
        let component = self.component;
        for changed in functions {
            let origin = match &changed.interface {
                None => component
                    .exports
                    .iter()
                    .find(|export| export.name == changed.original.name)
                    .map(|export| component.func_origin(export.index)),
                Some(interface) => {
                    let export = component.exports.iter().find(|export| {
                        export.name == interface && export.kind == ComponentExternalKind::Instance
                    });
                    let functions = match export {
                        Some(export) => component.functions_of(export.index)?,
                        None => Vec::new(),
                    };
                    functions
                        .into_iter()
                        .find(|(name, _)| *name == changed.original.name)
                        .map(|(_, origin)| Ok(origin))
                }
            };
            let name = &changed.original.name;
            match origin.transpose()? {
                Some(FuncOrigin::Lift(lift)) => self.glue.export(changed, &lift)?,
                Some(FuncOrigin::Import(interface, _)) => {
                    let interface = interface.unwrap_or("the world");
                    return Err(Error::Unsupported(format!(
                        "the exported function `{name}` is one that is imported of `{interface}`: it has no code to translate"
                    )));
                }
                None => {
                    return Err(Error::internal(format!(
                        "the component lacks its export `{name}`"
                    )));
                }
            }
        }
        self.polls()
    }

    /// The polls that the split world exports.
    fn polls(&mut self) -> Result<()> {
        let split = &self.glue.world.split;
        let exports = &split.resolve.worlds[split.world].exports;
        let mut polls = Vec::new();
        for (key, item) in exports {
            match item {
                WorldItem::Function(function) if is_poll(function) => {
                    polls.push(function.name.clone())
                }
                WorldItem::Interface { id, .. } => {
                    let module = split.resolve.name_world_key(key);
                    let functions = split.resolve.interfaces[*id].functions.values();
                    polls.extend(
                        functions
                            .filter(|function| is_poll(function))
                            .map(|function| format!("{module}#{}", function.name)),
                    );
                }
                _ => {}
            }
        }
        for name in polls {
            let signature = Signature::new(&[], &[ValType::I32]);
            self.glue
                .exports
                .push((name, signature, Source::Runtime("poll")));
        }
        Ok(())
    }

    /// The destructors of the resources that the guest exports.
    fn resources(&mut self, binary: &Binary<'_>) -> Result<()> {
        for (ty, dtor) in &self.component.resources {
            let Some(dtor) = dtor else { continue };
            let resource = binary.resource(*ty)?;
            let module = self.glue.resource_module(resource);
            let interface = module.strip_prefix("[export]").unwrap_or(&module);
            let name = format!("{interface}#[dtor]{}", resource.name);
            self.glue.destructor(resource.clone(), name, *dtor);
        }
        Ok(())
    }

    fn source(
        &mut self,
        canon: &CanonicalFunction,
        imports: &HashMap<(Option<&str>, &str), &Changed>,
        exports: &[Changed],
        binary: &Binary<'_>,
        options: &Options<'_>,
    ) -> Result<Source> {
        use CanonicalFunction as C;
        let runtime = |name| Ok(Source::Runtime(name));
        match canon {
            C::Lift { .. } => Err(Error::internal("a lifted function is no core function")),
            C::Lower {
                func_index,
                options: lower,
            } => match self.component.func_origin(*func_index)? {
                FuncOrigin::Import(interface, name) => {
                    let changed = imports.get(&(interface, name)).ok_or_else(|| {
                        let interface = interface.unwrap_or("the world");
                        Error::internal(format!("`{interface}` has no function `{name}`"))
                    })?;
                    let lower = LowerOptions {
                        is_async: lower.iter().any(|o| matches!(o, CanonicalOption::Async)),
                        realloc: options.realloc(self.component, lower)?,
                    };
                    self.glue.lower(changed, lower)
                }
                FuncOrigin::Lift(_) => Err(Error::Unsupported(
                    "the component calls one of its own exports through the canonical ABI"
                        .to_owned(),
                )),
            },
            C::ResourceNew { resource } => {
                self.resource(binary.resource(*resource)?, "[resource-new]")
            }
            C::ResourceDrop { resource } => {
                self.resource(binary.resource(*resource)?, "[resource-drop]")
            }
            C::ResourceRep { resource } => {
                self.resource(binary.resource(*resource)?, "[resource-rep]")
            }
            C::BackpressureInc => runtime("backpressure-inc"),
            C::BackpressureDec => runtime("backpressure-dec"),
            C::TaskReturn { result, .. } => self.task_return(result.as_ref(), exports, binary),
            C::TaskCancel => runtime("task-cancel"),
            C::ContextGet { ty, slot } => match (ty, slot) {
                (wasmparser::ValType::I32, 0) => runtime("context-get-0"),
                (wasmparser::ValType::I32, 1) => runtime("context-get-1"),
                _ => Err(unsupported(
                    "context.get of a slot other than two of 32 bits",
                )),
            },
            C::ContextSet { ty, slot } => match (ty, slot) {
                (wasmparser::ValType::I32, 0) => runtime("context-set-0"),
                (wasmparser::ValType::I32, 1) => runtime("context-set-1"),
                _ => Err(unsupported(
                    "context.set of a slot other than two of 32 bits",
                )),
            },
            C::ThreadYield => runtime("thread-yield"),
            C::SubtaskDrop => runtime("subtask-drop"),
            // Cancelling is done at once: it never blocks.
            C::SubtaskCancel { .. } => runtime("subtask-cancel"),
            C::WaitableSetNew => runtime("waitable-set-new"),
            C::WaitableSetDrop => runtime("waitable-set-drop"),
            C::WaitableJoin => runtime("waitable-join"),
            C::WaitableSetWait { .. } => self.glue.set_event("waitable-set-wait"),
            C::WaitableSetPoll { .. } => self.glue.set_event("waitable-set-poll"),
            C::StreamNew { ty } | C::FutureNew { ty } => {
                self.channel(*ty, Operation::New, &[], binary, options)
            }
            C::StreamRead { ty, options: o } | C::FutureRead { ty, options: o } => {
                let is_async = o.iter().any(|o| matches!(o, CanonicalOption::Async));
                self.channel(*ty, Operation::Read { is_async }, o, binary, options)
            }
            C::StreamWrite { ty, options: o } | C::FutureWrite { ty, options: o } => {
                let is_async = o.iter().any(|o| matches!(o, CanonicalOption::Async));
                self.channel(*ty, Operation::Write { is_async }, o, binary, options)
            }
            C::StreamCancelRead { ty, .. } | C::FutureCancelRead { ty, .. } => {
                self.channel(*ty, Operation::CancelRead, &[], binary, options)
            }
            C::StreamCancelWrite { ty, .. } | C::FutureCancelWrite { ty, .. } => {
                self.channel(*ty, Operation::CancelWrite, &[], binary, options)
            }
            C::StreamDropReadable { ty } | C::FutureDropReadable { ty } => {
                self.channel(*ty, Operation::DropReadable, &[], binary, options)
            }
            C::StreamDropWritable { ty } | C::FutureDropWritable { ty } => {
                self.channel(*ty, Operation::DropWritable, &[], binary, options)
            }
            C::StreamForward { .. } => Err(unsupported("stream.forward")),
            C::FutureForward { .. } => Err(unsupported("future.forward")),
            C::ErrorContextNew { .. } => Err(unsupported("error-context.new")),
            C::ErrorContextDebugMessage { .. } => Err(unsupported("error-context.debug-message")),
            C::ErrorContextDrop => Err(unsupported("error-context.drop")),
            C::ThreadSpawnRef { .. } => Err(unsupported("thread.spawn-ref")),
            C::ThreadSpawnIndirect { .. } => Err(unsupported("thread.spawn-indirect")),
            C::ThreadAvailableParallelism => Err(unsupported("thread.available-parallelism")),
            C::ThreadIndex => Err(unsupported("thread.index")),
            C::ThreadNewIndirect { .. } => Err(unsupported("thread.new-indirect")),
            C::ThreadResumeLater => Err(unsupported("thread.resume-later")),
            C::ThreadSuspend => Err(unsupported("thread.suspend")),
            C::ThreadSuspendThenResume => Err(unsupported("thread.suspend-then-resume")),
            C::ThreadYieldThenResume => Err(unsupported("thread.yield-then-resume")),
            C::ThreadSuspendThenPromote => Err(unsupported("thread.suspend-then-promote")),
            C::ThreadYieldThenPromote => Err(unsupported("thread.yield-then-promote")),
        }
    }

    fn resource(&mut self, resource: &ResourceName, built_in: &str) -> Result<Source> {
        let module = self.glue.resource_module(resource);
        if resource.side == Side::Import && built_in != "[resource-drop]" {
            return Err(Error::internal(format!(
                "{built_in} of an imported resource"
            )));
        }
        let name = format!("{built_in}{}", resource.name);
        let results: &[_] = match built_in {
            "[resource-drop]" => &[],
            _ => &[ValType::I32],
        };
        let signature = Signature::new(&[ValType::I32], results);
        self.glue
            .used
            .entry((module.clone(), name.clone()))
            .or_insert(signature);
        Ok(Source::Split(module, name))
    }

    fn task_return(
        &mut self,
        result: Option<&wasmparser::ComponentValType>,
        exports: &[Changed],
        binary: &Binary<'_>,
    ) -> Result<Source> {
        let Some(result) = result else {
            return self.glue.task_return(None);
        };
        let key = binary.value(result)?;
        let world = self.glue.world;
        let ty = exports
            .iter()
            .filter_map(|changed| changed.original.result)
            .find(|ty| world.key(ty) == key);
        match ty {
            Some(ty) => self.glue.task_return(Some(&ty)),
            None => Err(Error::Unsupported(format!(
                "the component has a `task.return` of `{key}`, which none of its exports returns"
            ))),
        }
    }

    fn channel(
        &mut self,
        ty: u32,
        operation: Operation,
        own: &[CanonicalOption],
        binary: &Binary<'_>,
        options: &Options<'_>,
    ) -> Result<Source> {
        let key = binary.pipe(ty)?;
        let channel = match self.glue.world.pipes.get(&key) {
            Some(pipe) if self.glue.world.implements(pipe) && binary.has_own(ty)? => {
                Channel::Own(self.glue.implemented(key, pipe))
            }
            Some(pipe) => Channel::Imported(Box::new(pipe.clone())),
            None => {
                let (size, is_plain) = binary.payload(ty)?;
                Channel::Own(Own {
                    is_future: key.starts_with("future"),
                    key,
                    size,
                    is_plain,
                    pipe: None,
                })
            }
        };
        let realloc = options.realloc(self.component, own)?;
        self.glue.channel(&channel, operation, realloc)
    }
}

/// The component uses a built-in that is not translated.
fn unsupported(built_in: &str) -> Error {
    Error::Unsupported(format!(
        "the component uses the built-in `{built_in}`, which has no equal in the split ABI"
    ))
}

fn is_poll(function: &Function) -> bool {
    let name = function.name.as_str();
    name == POLL || name.ends_with(POLL_SUFFIX) || name.ends_with(&format!(".{POLL}"))
}

/// The size of the largest `result<T, pending>` of any function.
fn largest_answer<'c>(layouts: &Layouts<'_>, functions: impl Iterator<Item = &'c Changed>) -> u32 {
    functions
        .filter(|changed| matches!(changed.shape, Shape::Async { .. }))
        .map(|changed| layouts.answer(changed.original.result.as_ref()).1)
        .max()
        .unwrap_or(0)
}

/// The core functions that something is given.
fn used_functions(component: &Component<'_>) -> Vec<u32> {
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

/// The canonical options of all functions together.
struct Options<'a> {
    memory: Option<CoreExport<'a>>,
    reallocs: Vec<u32>,
    realloc_of: HashMap<CoreExport<'a>, usize>,
    encoding: Option<wit_component::StringEncoding>,
}

impl<'a> Options<'a> {
    fn collect(component: &'a Component<'a>) -> Result<Options<'a>> {
        let mut all = Options {
            memory: None,
            reallocs: Vec::new(),
            realloc_of: HashMap::new(),
            encoding: None,
        };
        // Lifted functions first: their realloc is what most of the guest uses.
        for func in &component.funcs {
            if let crate::component::Func::Lift(lift) = func {
                all.add(component, &lift.options)?;
            }
        }
        for func in &component.core_funcs {
            let CoreFunc::Canon(canon) = func else {
                continue;
            };
            match canon {
                CanonicalFunction::Lower { options, .. }
                | CanonicalFunction::TaskReturn { options, .. }
                | CanonicalFunction::StreamRead { options, .. }
                | CanonicalFunction::StreamWrite { options, .. }
                | CanonicalFunction::FutureRead { options, .. }
                | CanonicalFunction::FutureWrite { options, .. } => all.add(component, options)?,
                CanonicalFunction::WaitableSetWait { memory }
                | CanonicalFunction::WaitableSetPoll { memory } => {
                    all.add_memory(component, *memory)?;
                }
                _ => {}
            }
        }
        Ok(all)
    }

    fn add(&mut self, component: &'a Component<'a>, options: &[CanonicalOption]) -> Result<()> {
        use wit_component::StringEncoding as E;
        let mut encoding = |encoding: E, name: &str| match self.encoding {
            None => {
                self.encoding = Some(encoding);
                Ok(())
            }
            Some(other) if std::mem::discriminant(&other) == std::mem::discriminant(&encoding) => {
                Ok(())
            }
            Some(_) => Err(Error::Unsupported(format!(
                "the component has strings in {name} and in another encoding: only one is translated"
            ))),
        };
        for option in options {
            match option {
                // What says nothing means UTF-8, but has no strings; so only what is said counts.
                CanonicalOption::UTF8 => encoding(E::UTF8, "UTF-8")?,
                CanonicalOption::UTF16 => encoding(E::UTF16, "UTF-16")?,
                CanonicalOption::CompactUTF16 => encoding(E::CompactUTF16, "Latin-1 or UTF-16")?,
                _ => {}
            }
        }
        for option in options {
            match option {
                CanonicalOption::Memory(memory) => self.add_memory(component, *memory)?,
                CanonicalOption::Realloc(func) => {
                    let export = component.core_func(*func)?;
                    if !self.realloc_of.contains_key(&export) {
                        self.realloc_of.insert(export, self.reallocs.len());
                        self.reallocs.push(*func);
                    }
                }
                CanonicalOption::CoreType(_) | CanonicalOption::Gc => {
                    return Err(Error::Unsupported(
                        "the component uses the canonical ABI for garbage-collected values"
                            .to_owned(),
                    ));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn add_memory(&mut self, component: &'a Component<'a>, memory: u32) -> Result<()> {
        let memory = component.core_item(ExternalKind::Memory, memory)?;
        match self.memory {
            None => self.memory = Some(memory),
            Some(other) if other == memory => {}
            Some(_) => {
                return Err(Error::Unsupported(
                    "the component passes values in two memories: only one is translated"
                        .to_owned(),
                ));
            }
        }
        Ok(())
    }

    /// Which of the reallocs the options have.
    fn realloc(&self, component: &Component<'a>, options: &[CanonicalOption]) -> Result<usize> {
        for option in options {
            if let CanonicalOption::Realloc(func) = option {
                let export = component.core_func(*func)?;
                return Ok(self.realloc_of.get(&export).copied().unwrap_or(0));
            }
        }
        Ok(0)
    }
}
