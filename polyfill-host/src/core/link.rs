//! Defines `isyswasfa:core/tasks` and `isyswasfa:core/pollables` for guests.
//!
//! It uses closures, not `wasmtime::component::bindgen!`: a trace reads the stack of the calling guest, for which a function
//! needs the store. Functions of `bindgen!` have the store's data or, with an option for each function, an accessor, which
//! takes more code than a closure. `bindgen!` also reads the WIT from a path that a published crate does not contain. The test
//! `the_core_has_the_functions_of_its_wit` compares the types with the WIT.

use std::future::poll_fn;
use std::pin::pin;

use futures::FutureExt;
use futures::future::{Either, select};
use wasmtime::component::{Linker, Resource, ResourceType};
use wasmtime::{Result, StoreContextMut, bail};
use wasmtime_wasi_io::bindings::wasi::io::poll::HostPollable;
use wasmtime_wasi_io::poll::DynPollable;

use super::pollables::{Waiting, wait_for_pollables};
use super::state::Pending;
use super::view::{Kernel, View, called};

/// Defines `isyswasfa:core/tasks`.
///
/// # Errors
///
/// If it is defined already.
pub fn add_to_linker<T: View>(linker: &mut Linker<T>) -> Result<()> {
    let mut tasks = linker.instance("isyswasfa:core/tasks@0.1.0")?;
    tasks.resource(
        "pending",
        ResourceType::host::<Pending>(),
        |mut store, rep| {
            let core = called(&mut store).core();
            let cancelled = core.machine.drop_pending(rep)?;
            core.end(cancelled);
            Ok(())
        },
    )?;
    tasks.func_wrap("register", |mut store: StoreContextMut<'_, T>, ()| {
        Ok((called(&mut store).core().machine.register()?,))
    })?;
    tasks.func_wrap(
        "number",
        |mut store: StoreContextMut<'_, T>, (component,): (u64,)| {
            Ok((called(&mut store).core().machine.number(component)?,))
        },
    )?;
    tasks.func_wrap(
        "link",
        |mut store: StoreContextMut<'_, T>, (component, child): (u64, u32)| {
            called(&mut store).core().machine.link(component, child)
        },
    )?;
    tasks.func_wrap(
        "name-function",
        |mut store: StoreContextMut<'_, T>, (component, name): (u64, String)| {
            let machine = &mut called(&mut store).core().machine;
            Ok((machine.name_function(component, &name)?,))
        },
    )?;
    tasks.func_wrap(
        "make-task",
        |mut store: StoreContextMut<'_, T>,
         (component, function, key, poll): (u64, u32, u32, bool)| {
            let machine = &mut called(&mut store).core().machine;
            let task = machine.make_task(component, function, key, poll)?;
            Ok(((Resource::<Pending>::new_own(task), task, machine.origin()),))
        },
    )?;
    tasks.func_wrap(
        "complete",
        |mut store: StoreContextMut<'_, T>, (component, task): (u64, u32)| {
            called(&mut store).core().machine.complete(component, task)
        },
    )?;
    tasks.func_wrap(
        "finish",
        |mut store: StoreContextMut<'_, T>,
         (component, function, done): (u64, u32, Resource<Pending>)| {
            let machine = &mut called(&mut store).core().machine;
            Ok((machine.finish(component, function, done.rep())?,))
        },
    )?;
    tasks.func_wrap(
        "subscribe",
        |mut store: StoreContextMut<'_, T>,
         (task, component, token): (Resource<Pending>, u64, u32)| {
            let machine = &mut called(&mut store).core().machine;
            machine.subscribe(task.rep(), component, token)
        },
    )?;
    tasks.func_wrap(
        "cancel",
        |mut store: StoreContextMut<'_, T>, (task,): (Resource<Pending>,)| {
            let core = called(&mut store).core();
            let cancelled = core.machine.cancel(task.rep())?;
            Ok((core.end(cancelled),))
        },
    )?;
    tasks.func_wrap(
        "mailbox",
        |mut store: StoreContextMut<'_, T>, (component,): (u64,)| {
            Ok((called(&mut store).core().machine.mailbox(component)?,))
        },
    )?;
    tasks.func_wrap(
        "post",
        |mut store: StoreContextMut<'_, T>, (mailbox, token): (u64, u32)| {
            called(&mut store).core().machine.post(mailbox, token)
        },
    )?;
    tasks.func_wrap(
        "wake",
        |mut store: StoreContextMut<'_, T>, (component,): (u64,)| {
            called(&mut store).core().machine.wake(component)
        },
    )?;
    tasks.func_wrap(
        "next-event",
        |mut store: StoreContextMut<'_, T>, (component,): (u64,)| {
            Ok((called(&mut store).core().machine.next_event(component)?,))
        },
    )?;
    tasks.func_wrap("origin", |mut store: StoreContextMut<'_, T>, ()| {
        Ok((store.data_mut().ctx().core().machine.origin(),))
    })?;
    tasks.func_wrap(
        "set-origin",
        |mut store: StoreContextMut<'_, T>, (origin,): (u64,)| {
            store.data_mut().set_origin(origin);
            Ok(())
        },
    )?;
    tasks.func_wrap(
        "waits",
        |mut store: StoreContextMut<'_, T>, (component, task, what): (u64, Option<u32>, String)| {
            let core = store.data_mut().ctx().core();
            core.machine.waits(component, task, &what)
        },
    )?;
    tasks.func_wrap_async(
        "wait",
        |mut store: StoreContextMut<'_, T>, (component,): (u64,)| {
            Box::new(async move {
                let core = store.data_mut().ctx().core();
                if core.machine.has_events(component)? {
                    // The guest has work of its own: it only gives the host a turn.
                    tokio::task::yield_now().await;
                    if store.data_mut().ctx().core_and_pollables().1.any()
                        && let Some(result) = wait_for_pollables(store.data_mut()).now_or_never()
                    {
                        result?;
                    }
                }
                loop {
                    let ctx = store.data_mut().ctx();
                    ctx.process()?;
                    if ctx.core().machine.has_events(component)? {
                        return Ok(());
                    }
                    if ctx.core().queue().is_empty()
                        && let Some(report) = ctx.deadlock()
                    {
                        if ctx.core().machine.ask_what_waits()? {
                            continue;
                        }
                        bail!(report);
                    }
                    let queue = ctx.core().queue().clone();
                    let word = poll_fn(|cx| queue.poll_blocked(cx));
                    let ready = pin!(wait_for_pollables(store.data_mut()));
                    if let Either::Right((result, _)) = select(word, ready).await {
                        result?;
                    }
                }
            })
        },
    )
}

/// Defines `isyswasfa:core/pollables`.
///
/// # Errors
///
/// If it is defined already.
pub fn add_pollables_to_linker<T: View>(linker: &mut Linker<T>) -> Result<()> {
    let mut pollables = linker.instance("isyswasfa:core/pollables@0.1.0")?;
    pollables.resource(
        "waiting",
        ResourceType::host::<Waiting>(),
        |mut store, rep| {
            let pollable = store.data_mut().ctx().core_and_pollables().1.remove(rep);
            match (pollable, store.data_mut().pollable_table()) {
                (Some(pollable), Some(table)) => HostPollable::drop(table, pollable),
                _ => Ok(()),
            }
        },
    )?;
    pollables.func_wrap(
        "wait-for",
        |mut store: StoreContextMut<'_, T>,
         (mailbox, token, on): (u64, u32, Resource<DynPollable>)| {
            let (core, pollables) = called(&mut store).core_and_pollables();
            let waiter = core.waiter(mailbox, token)?;
            let waiting = pollables.insert(core.limits().tasks, waiter, on)?;
            Ok((Resource::<Waiting>::new_own(waiting),))
        },
    )
}
