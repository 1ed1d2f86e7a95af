//! Pipes whose payload is known only from the component's own types: it is carried as it comes.

use isyswasfa_rendezvous::Outcome;
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{
    Component, Linker, LinkerInstance, ResourceAny, ResourceDynamic, ResourceType, Val,
};
use wasmtime::{Result, StoreContextMut, bail};

use super::items::Values;
use super::link::{Names, add_pipe, count};
use super::units::UnitPipe;
#[cfg(feature = "http")]
use crate::http::HttpResultPipe;
use crate::split::{SplitCtx, SplitView, called};
use crate::wasi::CliResultPipe;

/// What the names of interfaces that are nothing but a pipe start with.
const PREFIX: &str = "isyswasfa:pipes/";
/// The version of all of them.
const VERSION: &str = "@0.1.0";

/// Defines every `isyswasfa:pipes/...` that the component imports.
///
/// # Errors
///
/// If one is defined already, or is not in the shape of a pipe.
pub fn add_value_pipes<T: SplitView>(linker: &mut Linker<T>, component: &Component) -> Result<()> {
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
            #[cfg(feature = "http")]
            Some(HttpResultPipe::NAME) => {
                add_pipe::<T, HttpResultPipe>(&mut instance, &Names::plain())?
            }
            Some(CliResultPipe::NAME) => {
                add_pipe::<T, CliResultPipe>(&mut instance, &Names::plain())?
            }
            Some(_) => add_value_pipe(&mut instance, &Names::plain())?,
            None => bail!("`{import}` is not of a version that this host knows (`{VERSION}`)"),
        }
    }
    Ok(())
}

/// The resource type of the readers of all these pipes. To guests they are of different types all the same: a component can't
/// tell that what it imports under two names is one thing, and what it hands over is checked against the import.
pub(crate) const VALUE_READER: u32 = 0;
/// The resource type of their writers.
const VALUE_WRITER: u32 = 1;

/// Defines a pipe of values: in an interface of its own, or inside one whose resources are in its payload.
///
/// # Errors
///
/// If one of its names is defined already.
pub(crate) fn add_value_pipe<T: SplitView>(
    linker: &mut LinkerInstance<'_, T>,
    names: &Names,
) -> Result<()> {
    linker.resource(
        names.reader(),
        ResourceType::host_dynamic(VALUE_READER),
        |mut store, rep| {
            let ctx = called(&mut store);
            ctx.values.drop_reader(&mut ctx.core, rep)
        },
    )?;
    linker.resource(
        names.writer(),
        ResourceType::host_dynamic(VALUE_WRITER),
        |mut store, rep| {
            let ctx = called(&mut store);
            ctx.values.drop_writer(&mut ctx.core, rep)
        },
    )?;
    linker.func_new(names.constructor(), move |mut store, _, _, results| {
        let pipe = called(&mut store).values.create()?;
        let writer = own(&mut store, pipe, VALUE_WRITER)?;
        let reader = own(&mut store, pipe, VALUE_READER)?;
        results[0] = Val::Tuple(vec![Val::Resource(writer), Val::Resource(reader)]);
        Ok(())
    })?;
    add_value_reader(linker, names)?;
    add_value_writer(linker, names)
}

fn add_value_reader<T: SplitView>(linker: &mut LinkerInstance<'_, T>, names: &Names) -> Result<()> {
    linker.func_new(&names.of_reader("read"), |mut store, _, params, results| {
        let pipe = handle(&mut store, params)?;
        let [_, Val::U64(component), Val::U32(token), Val::U32(max)] = params else {
            bail!(SHAPE);
        };
        let ctx = called(&mut store);
        let waiter = ctx.core.waiter(*component, *token)?;
        let outcome = ctx
            .values
            .read(&mut ctx.core, pipe, waiter, *max as usize)?;
        results[0] = Val::Result(match outcome {
            Outcome::Ready(items) => Ok(Some(Box::new(Val::List(items.into_vec())))),
            Outcome::Blocked => Err(status("blocked")),
            Outcome::Closed => Err(status("closed")),
        });
        Ok(())
    })?;
    linker.func_new(
        &names.of_reader("cancel-read"),
        |mut store, _, params, results| {
            let pipe = handle(&mut store, params)?;
            results[0] = Val::List(called(&mut store).values.cancel_read(pipe)?.into_vec());
            Ok(())
        },
    )
}

fn add_value_writer<T: SplitView>(linker: &mut LinkerInstance<'_, T>, names: &Names) -> Result<()> {
    linker.func_new(
        &names.of_writer("write"),
        |mut store, _, params, results| {
            let pipe = handle(&mut store, params)?;
            let [_, Val::U64(component), Val::U32(token), Val::List(items)] = params else {
                bail!(SHAPE);
            };
            let ctx = called(&mut store);
            let waiter = ctx.core.waiter(*component, *token)?;
            // As of bytes, a part of a write may be taken: the guest offers the rest again.
            let most = ctx.budget.bytes(ctx.core.limits().write_bytes);
            let items = Values::first_of(items, most);
            let outcome = ctx.values.write(&mut ctx.core, pipe, waiter, items)?;
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
            let ctx = called(&mut store);
            let waiter = ctx.core.waiter(*component, *token)?;
            results[0] = written(ctx.values.written(&mut ctx.core, pipe, waiter)?);
            Ok(())
        },
    )?;
    linker.func_new(
        &names.of_writer("cancel-write"),
        |mut store, _, params, results| {
            let pipe = handle(&mut store, params)?;
            // An offer is a guest's list: its length fits.
            results[0] = Val::U32(called(&mut store).values.cancel_write(pipe)? as u32);
            Ok(())
        },
    )?;
    linker.func_new(
        &names.of_writer("take-back"),
        |mut store, _, params, results| {
            let pipe = handle(&mut store, params)?;
            results[0] = Val::List(called(&mut store).values.take_back(pipe)?.into_vec());
            Ok(())
        },
    )
}

/// What a component gets that imports a pipe of another shape than the split gives it.
const SHAPE: &str = "a pipe's function has not the type that the split ABI gives it";

/// The pipe whose end is the first parameter.
fn handle<T: SplitView>(store: &mut StoreContextMut<'_, T>, params: &[Val]) -> Result<u32> {
    match params {
        [Val::Resource(end), ..] => Ok(end.try_into_resource_dynamic(store)?.rep()),
        _ => bail!(SHAPE),
    }
}

fn own<T: SplitView>(
    store: &mut StoreContextMut<'_, T>,
    pipe: u32,
    ty: u32,
) -> Result<ResourceAny> {
    ResourceDynamic::new_own(pipe, ty).try_into_resource_any(store)
}

fn written(outcome: Outcome<usize>) -> Val {
    Val::Result(match count(outcome) {
        Ok(n) => Ok(Some(Box::new(Val::U32(n)))),
        Err(super::Status::Blocked) => Err(status("blocked")),
        Err(super::Status::Closed) => Err(status("closed")),
    })
}

fn status(name: &str) -> Option<Box<Val>> {
    Some(Box::new(Val::Enum(name.into())))
}

impl SplitCtx {
    /// The handles in items that got lost in dropped pipes: they have to be dropped.
    pub(crate) fn take_lost_handles(&mut self) -> Vec<ResourceAny> {
        let mut handles = Vec::new();
        for items in self.values.take_lost() {
            items.handles(&mut handles);
        }
        handles
    }
}
