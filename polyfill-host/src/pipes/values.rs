//! Pipes whose payload is known only from the component's own types, carried as dynamic values.

use isyswasfa_core::Outcome;
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{
    Component, Linker, LinkerInstance, ResourceAny, ResourceDynamic, ResourceType, Val,
};
use wasmtime::{Result, StoreContextMut, bail};

use super::items::Values;
use super::link::{Names, add_pipe};
use super::tables::Piped;
use super::units::UnitPipe;
use crate::core::{View, called};

/// The prefix of interfaces that contain only a pipe.
const PREFIX: &str = "isyswasfa:pipes/";
/// The version of these interfaces.
const VERSION: &str = "@0.1.0";

/// Defines every `isyswasfa:pipes/...` that the component imports. `add_typed` defines a pipe whose payload has a Rust type, and
/// returns `false` for any other.
///
/// # Errors
///
/// If one is defined already, or is not in the shape of a pipe.
pub(crate) fn add_value_pipes<T>(
    linker: &mut Linker<T>,
    component: &Component,
    add_typed: impl Fn(&mut LinkerInstance<'_, T>, &str) -> Result<bool>,
) -> Result<()>
where
    T: View<Ctx: Piped>,
{
    let engine = linker.engine().clone();
    let imports: Vec<String> = component
        .component_type()
        .imports(&engine)
        .filter(|(name, import)| {
            name.starts_with(PREFIX) && matches!(import.ty, ComponentItem::ComponentInstance(_))
        })
        .map(|(name, _)| name.to_string())
        .collect();
    for import in &imports {
        let mut instance = linker.instance(import)?;
        match import
            .strip_prefix(PREFIX)
            .and_then(|name| name.strip_suffix(VERSION))
        {
            Some("stream-unit" | "future-unit") => {
                add_pipe::<T, UnitPipe>(&mut instance, &Names::plain())?
            }
            Some(name) => {
                if !add_typed(&mut instance, name)? {
                    add_value_pipe(&mut instance, &Names::plain())?;
                }
            }
            None => bail!("`{import}` is not of a version that this host knows (`{VERSION}`)"),
        }
    }
    Ok(())
}

/// The resource type of the readers of all these pipes. To guests they still are of different types: a component can't know
/// that two of its imports are the same type, and its handles are checked against the import.
pub(crate) const VALUE_READER: u32 = 0;
/// The resource type of their writers.
const VALUE_WRITER: u32 = 1;

/// Defines a pipe of values: in an interface of its own, or inside one whose resources are in its payload.
///
/// # Errors
///
/// If one of its names is defined already.
pub(crate) fn add_value_pipe<T>(linker: &mut LinkerInstance<'_, T>, names: &Names) -> Result<()>
where
    T: View<Ctx: Piped>,
{
    linker.resource(
        names.reader(),
        ResourceType::host_dynamic(VALUE_READER),
        |mut store, rep| {
            let (core, pipes) = called(&mut store).core_and_pipes();
            pipes.values.drop_reader(core, rep)
        },
    )?;
    linker.resource(
        names.writer(),
        ResourceType::host_dynamic(VALUE_WRITER),
        |mut store, rep| {
            let (core, pipes) = called(&mut store).core_and_pipes();
            pipes.values.drop_writer(core, rep)
        },
    )?;
    linker.func_new(names.constructor(), move |mut store, _, _, results| {
        let pipe = called(&mut store).core_and_pipes().1.values.create()?;
        let writer = own(&mut store, pipe, VALUE_WRITER)?;
        let reader = own(&mut store, pipe, VALUE_READER)?;
        results[0] = Val::Tuple(vec![Val::Resource(writer), Val::Resource(reader)]);
        Ok(())
    })?;
    add_value_reader(linker, names)?;
    add_value_writer(linker, names)
}

fn add_value_reader<T>(linker: &mut LinkerInstance<'_, T>, names: &Names) -> Result<()>
where
    T: View<Ctx: Piped>,
{
    linker.func_new(&names.of_reader("read"), |mut store, _, params, results| {
        let pipe = handle(&mut store, params)?;
        let [_, Val::U64(component), Val::U32(token), Val::U32(max)] = params else {
            bail!(SHAPE);
        };
        let (core, pipes) = called(&mut store).core_and_pipes();
        let waiter = core.waiter(*component, *token)?;
        let outcome = pipes.values.read(core, pipe, waiter, *max as usize)?;
        results[0] = answer(outcome.map(|items| Val::List(items.into_vec())));
        Ok(())
    })?;
    linker.func_new(
        &names.of_reader("cancel-read"),
        |mut store, _, params, results| {
            let pipe = handle(&mut store, params)?;
            let (_, pipes) = called(&mut store).core_and_pipes();
            results[0] = Val::List(pipes.values.cancel_read(pipe)?.into_vec());
            Ok(())
        },
    )
}

fn add_value_writer<T>(linker: &mut LinkerInstance<'_, T>, names: &Names) -> Result<()>
where
    T: View<Ctx: Piped>,
{
    linker.func_new(
        &names.of_writer("write"),
        |mut store, _, params, results| {
            let pipe = handle(&mut store, params)?;
            let [_, Val::U64(component), Val::U32(token), Val::List(items)] = params else {
                bail!(SHAPE);
            };
            let (core, pipes) = called(&mut store).core_and_pipes();
            let waiter = core.waiter(*component, *token)?;
            // As with bytes, a write may be taken in part: the guest offers the rest again.
            let most = core.budget().bytes(core.limits().write_bytes);
            let items = Values::first_of(items, most);
            let outcome = pipes.values.write(core, pipe, waiter, items)?;
            results[0] = written(outcome);
            Ok(())
        },
    )?;
    linker.func_new(
        &names.of_writer("written"),
        |mut store, _, params, results| {
            let pipe = handle(&mut store, params)?;
            let [_, Val::U64(component), Val::U32(token)] = params else {
                bail!(SHAPE);
            };
            let (core, pipes) = called(&mut store).core_and_pipes();
            let waiter = core.waiter(*component, *token)?;
            results[0] = written(pipes.values.written(core, pipe, waiter)?);
            Ok(())
        },
    )?;
    linker.func_new(
        &names.of_writer("cancel-write"),
        |mut store, _, params, results| {
            let pipe = handle(&mut store, params)?;
            // An offer is a guest's list: its length fits.
            let (_, pipes) = called(&mut store).core_and_pipes();
            results[0] = Val::U32(pipes.values.cancel_write(pipe)? as u32);
            Ok(())
        },
    )?;
    linker.func_new(
        &names.of_writer("take-back"),
        |mut store, _, params, results| {
            let pipe = handle(&mut store, params)?;
            let (_, pipes) = called(&mut store).core_and_pipes();
            results[0] = Val::List(pipes.values.take_back(pipe)?.into_vec());
            Ok(())
        },
    )
}

/// The trap of a component that imports a pipe of another shape than the split's.
const SHAPE: &str = "a pipe's function has another type than in the split ABI";

/// The pipe whose end is the first parameter.
fn handle<T: Send + 'static>(store: &mut StoreContextMut<'_, T>, params: &[Val]) -> Result<u32> {
    match params {
        [Val::Resource(end), ..] => Ok(end.try_into_resource_dynamic(store)?.rep()),
        _ => bail!(SHAPE),
    }
}

fn own<T: Send + 'static>(
    store: &mut StoreContextMut<'_, T>,
    pipe: u32,
    ty: u32,
) -> Result<ResourceAny> {
    ResourceDynamic::new_own(pipe, ty).try_into_resource_any(store)
}

fn written(outcome: Outcome<usize>) -> Val {
    // An offer is a guest's list: its length fits.
    answer(outcome.map(|n| Val::U32(n as u32)))
}

/// `result<T, status>`
fn answer(outcome: Outcome<Val>) -> Val {
    Val::Result(match outcome.into_result() {
        Ok(value) => Ok(Some(Box::new(value))),
        Err(status) => Err(Some(Box::new(Val::Enum(status.name().into())))),
    })
}
