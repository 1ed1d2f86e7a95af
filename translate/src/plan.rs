//! Decides what each core function that the guest imports becomes, and what is exported.

use crate::component::{Component, CoreFunc, FuncOrigin, Lift};
use crate::error::{Error, Result};
use crate::glue::imports::LowerOptions;
use crate::glue::layout::Layouts;
use crate::glue::pipes::{Channel, Operation, Own};
use crate::glue::{Glue, Source};
use crate::key::{Binary, ResourceName, Side};
use crate::module::Signature;
use crate::options::Options;
use crate::usage::{self, used_functions};
use crate::world::{Changed, Direction, Shape, World};
use isyswasfa_wit::names::{POLL, POLL_SUFFIX};
use std::collections::{HashMap, HashSet};
use wasm_encoder::ValType;
use wasmparser::{CanonicalFunction, CanonicalOption, ComponentExternalKind};
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
        let imports = world.functions(Direction::Import)?;
        let exports = world.functions(Direction::Export)?;
        let lifts = lifts(component, &exports)?;
        let options = Options::collect(component, &lifts)?;
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
        plan.exports(&exports, &lifts)?;
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
                let source = plan
                    .source(canon, &by_name, &exports, binary, &options)
                    .map_err(|error| usage::explain(error, component, index, &lifts))?;
                if let Source::Glue(name) = &source {
                    plan.glue.add_early(name);
                }
                plan.sources.insert(index, source);
            }
        }
        Ok(plan)
    }

    /// All that the split world exports.
    fn exports(&mut self, functions: &[Changed], lifts: &[(String, Lift)]) -> Result<()> {
        for (changed, (_, lift)) in functions.iter().zip(lifts) {
            self.glue.export(changed, lift)?;
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
            C::TaskReturn { result, options: o } => {
                self.task_return(result.as_ref(), o, exports, binary)
            }
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
            C::SubtaskCancel { async_: true } => runtime("subtask-cancel"),
            C::SubtaskCancel { async_: false } => runtime("subtask-cancel-sync"),
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
            C::StreamCancelRead { ty, async_ } | C::FutureCancelRead { ty, async_ } => {
                let is_async = *async_;
                self.channel(
                    *ty,
                    Operation::CancelRead { is_async },
                    &[],
                    binary,
                    options,
                )
            }
            C::StreamCancelWrite { ty, async_ } | C::FutureCancelWrite { ty, async_ } => {
                let is_async = *async_;
                self.channel(
                    *ty,
                    Operation::CancelWrite { is_async },
                    &[],
                    binary,
                    options,
                )
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
        own: &[CanonicalOption],
        exports: &[Changed],
        binary: &Binary<'_>,
    ) -> Result<Source> {
        let Some(result) = result else {
            return self.glue.task_return(None, own);
        };
        let key = binary.value(result)?;
        let world = self.glue.world;
        let ty = exports
            .iter()
            .filter_map(|changed| changed.original.result)
            .find(|ty| world.key(ty) == key);
        match ty {
            Some(ty) => self.glue.task_return(Some(&ty), own),
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
                let (size, align, is_plain) = binary.payload(ty)?;
                Channel::Own(Own {
                    is_future: key.starts_with("future"),
                    key,
                    size,
                    align,
                    is_plain,
                    pipe: None,
                })
            }
        };
        let realloc = options.realloc(self.component, own)?;
        self.glue.channel(&channel, operation, realloc)
    }
}

/// The exported functions, as they are called in messages, with what is lifted.
fn lifts(component: &Component<'_>, functions: &[Changed]) -> Result<Vec<(String, Lift)>> {
    let own: HashMap<&str, u32> = component
        .exports
        .iter()
        .map(|export| (export.name, export.index))
        .collect();
    // One that is only of types may be another's.
    let with_functions: HashSet<&str> = functions
        .iter()
        .filter_map(|changed| changed.interface.as_deref())
        .collect();
    let mut interfaces = HashMap::new();
    for export in &component.exports {
        if export.kind == ComponentExternalKind::Instance && with_functions.contains(export.name) {
            let functions = component.functions_of(export.index)?;
            let functions: HashMap<_, _> = functions.into_iter().collect();
            interfaces.insert(export.name, functions);
        }
    }
    let mut lifts = Vec::new();
    for changed in functions {
        let name = changed.original.name.as_str();
        let origin = match &changed.interface {
            None => own.get(name).map(|index| component.func_origin(*index)),
            Some(interface) => interfaces
                .get(interface.as_str())
                .and_then(|functions| functions.get(name))
                .map(|origin| Ok(origin.clone())),
        };
        match origin.transpose()? {
            Some(FuncOrigin::Lift(lift)) => lifts.push((changed.spoken(), lift)),
            Some(FuncOrigin::Import(interface, _)) => {
                let interface = interface.unwrap_or("the world");
                return Err(Error::Unsupported(format!(
                    "the exported function {} is one that is imported of `{interface}`: it has no code to translate",
                    changed.spoken()
                )));
            }
            None => {
                return Err(Error::internal(format!(
                    "the component lacks its export `{name}`"
                )));
            }
        }
    }
    Ok(lifts)
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
