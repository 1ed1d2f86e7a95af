//! Defines the bridged imports of an island: each call goes to the island behind the bridge.

use super::section::Bridge;
use crate::core::{Pending, Share, weight};
use crate::guest::{BridgedCall, Guest, Target};
use crate::split::{SplitView, add_poll, split_name};
use isyswasfa_wit::names::{POLL, POLL_SUFFIX, RESULT, START};
use wasmtime::component::types::{self, ComponentFunc, ComponentItem};
use wasmtime::component::{Component, Linker, LinkerInstance, Resource, Type, Val};
use wasmtime::{Engine, Result, StoreContextMut, bail};

/// Defines the imports of `component` that `bridges` name. The bridges begin at the component's island.
///
/// # Errors
/// If the component does not import what the bridges name.
pub(crate) fn add_to_linker<'a>(
    linker: &mut Linker<Guest>,
    component: &Component,
    bridges: impl Iterator<Item = &'a Bridge>,
) -> Result<()> {
    let engine = component.engine();
    let own = component.component_type();
    for bridge in bridges {
        let import = own.get_import(engine, &bridge.import);
        let Some(ComponentItem::ComponentInstance(interface)) = import.map(|import| import.ty)
        else {
            function(linker, &own, engine, bridge)?;
            continue;
        };
        let mut instance = linker.instance(&bridge.import)?;
        for (name, item) in interface.exports(engine) {
            let ComponentItem::ComponentFunc(func) = item.ty else {
                continue;
            };
            let target = |function: &str| Target {
                ahead: bridge.ahead(),
                interface: Some(bridge.export.as_str().into()),
                function: function.into(),
            };
            match name.strip_suffix(START) {
                Some(original) => split(&mut instance, original, target(original))?,
                None if name == POLL => add_poll(&mut instance, POLL)?,
                None if name.ends_with(RESULT) => {}
                None if func.async_() => concurrent(&mut instance, name, target(name))?,
                None => blocking(&mut instance, name, target(name))?,
            }
        }
    }
    Ok(())
}

/// Defines a function of the world itself, or its halves.
fn function(
    linker: &mut Linker<Guest>,
    own: &types::Component,
    engine: &Engine,
    bridge: &Bridge,
) -> Result<()> {
    let target = Target {
        ahead: bridge.ahead(),
        interface: None,
        function: bridge.export.as_str().into(),
    };
    let name = &bridge.import;
    let mut root = linker.root();
    if own.get_import(engine, &format!("{name}{START}")).is_some() {
        add_poll(&mut root, &format!("{name}{POLL_SUFFIX}"))?;
        return split(&mut root, name, target);
    }
    match own.get_import(engine, name).map(|import| import.ty) {
        Some(ComponentItem::ComponentFunc(func)) if func.async_() => {
            concurrent(&mut root, name, target)
        }
        Some(ComponentItem::ComponentFunc(_)) => blocking(&mut root, name, target),
        _ => bail!("there is no import `{name}`"),
    }
}

/// An async function of the split ABI.
fn split(instance: &mut LinkerInstance<'_, Guest>, name: &str, target: Target) -> Result<()> {
    let (start, result) = split_name(name);
    instance.func_new(&start, move |mut store, ty, arguments, results| {
        let call = call(store.data(), &target, arguments, has_ok(&ty)?);
        let core = store.data_mut().split().core();
        let started = match core.start(&target.function, call)? {
            Ok((mut value, _)) => Ok(value.pop().map(Box::new)),
            Err(pending) => {
                let pending = pending.try_into_resource_any(&mut store)?;
                Err(Some(Box::new(Val::Resource(pending))))
            }
        };
        results[0] = Val::Result(started);
        Ok(())
    })?;
    instance.func_new(&result, |mut store, _, arguments, results| {
        let [Val::Resource(ready)] = arguments else {
            bail!("a result half takes a task");
        };
        let ready: Resource<Pending> = ready.try_into_resource(&mut store)?;
        let (value, _) = store.data_mut().split().core().finish::<Called>(ready)?;
        fill(results, value)
    })
}

/// Whether a start half, which returns `result<T, pending>`, has a `T`.
fn has_ok(start: &ComponentFunc) -> Result<bool> {
    match start.results().next() {
        Some(Type::Result(halves)) => Ok(halves.ok().is_some()),
        _ => bail!("a start half returns a `result`"),
    }
}

/// A native async function.
fn concurrent(instance: &mut LinkerInstance<'_, Guest>, name: &str, target: Target) -> Result<()> {
    instance.func_new_concurrent(name, move |store, _, arguments, results| {
        let has_result = !results.is_empty();
        let call = store.with(|mut store| call(store.data_mut(), &target, arguments, has_result));
        Box::pin(async move { fill(results, call.await?.0) })
    })
}

/// A sync function: the calling island waits.
fn blocking(instance: &mut LinkerInstance<'_, Guest>, name: &str, target: Target) -> Result<()> {
    instance.func_new_async(
        name,
        move |store: StoreContextMut<'_, Guest>, _, arguments, results| {
            let call = call(store.data(), &target, arguments, !results.is_empty());
            Box::new(async move { fill(results, call.await?.0) })
        },
    )
}

/// The results of a call, and their share of the caller's budget until they are fetched.
type Called = (Vec<Val>, Share);

fn call(
    guest: &Guest,
    target: &Target,
    arguments: &[Val],
    has_result: bool,
) -> impl Future<Output = Result<Called>> + Send + use<> {
    let request = guest.request();
    let mut share = guest.budget().share();
    let held = share.hold(weight::of_vals(arguments), "the arguments of a call");
    let call = BridgedCall {
        target: target.clone(),
        arguments: arguments.to_vec(),
        has_result,
        request,
    };
    let called = guest.behind().map(|behind| behind.call(call));
    let function = target.function.clone();
    async move {
        held?;
        let Some(called) = called else {
            bail!("no island is behind the bridge to `{function}`");
        };
        let values = called.await?;
        share.hold(weight::of_vals(&values), "the result of a call")?;
        Ok((values, share))
    }
}

fn fill(results: &mut [Val], values: Vec<Val>) -> Result<()> {
    if results.len() != values.len() {
        bail!("{} results came for {}", values.len(), results.len());
    }
    for (result, value) in results.iter_mut().zip(values) {
        *result = value;
    }
    Ok(())
}
