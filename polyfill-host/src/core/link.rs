//! Defines `isyswasfa:core/tasks` and `isyswasfa:core/pollables` for guests.

use std::future::poll_fn;
use std::pin::pin;

use futures::FutureExt;
use futures::future::{Either, select};
use wasmtime::component::{Linker, Resource, ResourceType};
use wasmtime::{Result, StoreContextMut, bail};
use wasmtime_wasi_io::bindings::wasi::io::poll::HostPollable;
use wasmtime_wasi_io::poll::DynPollable;

use super::pollables::{Waiting, wait_for_pollables};
use super::tasks::Pending;
use crate::split::{SplitView, called, deadlock, set_origin};

/// Defines `isyswasfa:core/tasks`.
///
/// # Errors
///
/// If it is defined already.
pub fn add_to_linker<T: SplitView>(linker: &mut Linker<T>) -> Result<()> {
    let mut tasks = linker.instance("isyswasfa:core/tasks@0.1.0")?;
    tasks.resource(
        "pending",
        ResourceType::host::<Pending>(),
        |mut store, rep| called(&mut store).core.drop_pending(rep),
    )?;
    tasks.func_wrap("register", |mut store: StoreContextMut<'_, T>, ()| {
        Ok((called(&mut store).core.register()?,))
    })?;
    tasks.func_wrap(
        "number",
        |mut store: StoreContextMut<'_, T>, (component,): (u64,)| {
            Ok((called(&mut store).core.number(component)?,))
        },
    )?;
    tasks.func_wrap(
        "link",
        |mut store: StoreContextMut<'_, T>, (component, child): (u64, u32)| {
            called(&mut store).core.link(component, child)
        },
    )?;
    tasks.func_wrap(
        "name-function",
        |mut store: StoreContextMut<'_, T>, (component, name): (u64, String)| {
            let core = &mut called(&mut store).core;
            Ok((core.name_function(component, &name)?,))
        },
    )?;
    tasks.func_wrap(
        "make-task",
        |mut store: StoreContextMut<'_, T>,
         (component, function, key, poll): (u64, u32, u32, bool)| {
            let ctx = called(&mut store);
            let (pending, task) = ctx.core.make_task(component, function, key, poll)?;
            Ok(((pending, task, ctx.origin),))
        },
    )?;
    tasks.func_wrap(
        "complete",
        |mut store: StoreContextMut<'_, T>, (component, task): (u64, u32)| {
            called(&mut store).core.complete(component, task)
        },
    )?;
    tasks.func_wrap(
        "finish",
        |mut store: StoreContextMut<'_, T>,
         (component, function, done): (u64, u32, Resource<Pending>)| {
            let core = &mut called(&mut store).core;
            Ok((core.finish_guest(component, function, done)?,))
        },
    )?;
    tasks.func_wrap(
        "subscribe",
        |mut store: StoreContextMut<'_, T>,
         (task, component, token): (Resource<Pending>, u64, u32)| {
            called(&mut store).core.subscribe(&task, component, token)
        },
    )?;
    tasks.func_wrap(
        "cancel",
        |mut store: StoreContextMut<'_, T>, (task,): (Resource<Pending>,)| {
            Ok((called(&mut store).core.cancel(task)?,))
        },
    )?;
    tasks.func_wrap(
        "mailbox",
        |mut store: StoreContextMut<'_, T>, (component,): (u64,)| {
            Ok((called(&mut store).core.mailbox(component)?,))
        },
    )?;
    tasks.func_wrap(
        "post",
        |mut store: StoreContextMut<'_, T>, (mailbox, token): (u64, u32)| {
            called(&mut store).core.post(mailbox, token)
        },
    )?;
    tasks.func_wrap(
        "wake",
        |mut store: StoreContextMut<'_, T>, (component,): (u64,)| {
            called(&mut store).core.wake(component)
        },
    )?;
    tasks.func_wrap(
        "next-event",
        |mut store: StoreContextMut<'_, T>, (component,): (u64,)| {
            Ok((called(&mut store).core.next_event(component)?,))
        },
    )?;
    tasks.func_wrap("origin", |mut store: StoreContextMut<'_, T>, ()| {
        Ok((store.data_mut().split().origin,))
    })?;
    tasks.func_wrap(
        "set-origin",
        |mut store: StoreContextMut<'_, T>, (origin,): (u64,)| {
            set_origin(store.data_mut(), origin);
            Ok(())
        },
    )?;
    tasks.func_wrap(
        "waits",
        |mut store: StoreContextMut<'_, T>, (component, task, what): (u64, Option<u32>, String)| {
            let core = &mut store.data_mut().split().core;
            core.tell_wait(component, task, what)
        },
    )?;
    tasks.func_wrap_async(
        "wait",
        |mut store: StoreContextMut<'_, T>, (component,): (u64,)| {
            Box::new(async move {
                let ctx = store.data_mut().split();
                if ctx.core.has_events(component)? {
                    // The guest has work of its own: it only lets the host have its turn.
                    tokio::task::yield_now().await;
                    if store.data_mut().split().pollables.any()
                        && let Some(result) = wait_for_pollables(store.data_mut()).now_or_never()
                    {
                        result?;
                    }
                }
                loop {
                    let ctx = store.data_mut().split();
                    ctx.process()?;
                    if ctx.core.has_events(component)? {
                        return Ok(());
                    }
                    if ctx.core.queue().is_empty()
                        && let Some(report) = deadlock(ctx)
                    {
                        if ctx.core.ask_what_waits()? {
                            continue;
                        }
                        bail!(report);
                    }
                    let queue = ctx.core.queue().clone();
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
pub fn add_pollables_to_linker<T: SplitView>(linker: &mut Linker<T>) -> Result<()> {
    let mut pollables = linker.instance("isyswasfa:core/pollables@0.1.0")?;
    pollables.resource(
        "waiting",
        ResourceType::host::<Waiting>(),
        |mut store, rep| {
            let pollable = store.data_mut().split().pollables.remove(rep);
            match (pollable, store.data_mut().table()) {
                (Some(pollable), Some(table)) => HostPollable::drop(table, pollable),
                _ => Ok(()),
            }
        },
    )?;
    pollables.func_wrap(
        "wait-for",
        |mut store: StoreContextMut<'_, T>,
         (mailbox, token, on): (u64, u32, Resource<DynPollable>)| {
            let ctx = called(&mut store);
            let waiter = ctx.core.waiter(mailbox, token)?;
            let waiting = ctx.pollables.insert(ctx.core.limits().tasks, waiter, on)?;
            Ok((Resource::<Waiting>::new_own(waiting),))
        },
    )
}
