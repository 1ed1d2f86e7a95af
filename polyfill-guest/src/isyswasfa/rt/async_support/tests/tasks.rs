//! Tasks of the component's own.

use super::{assert_empty, run};
use crate::isyswasfa::rt::async_support::test_core;
use crate::isyswasfa::rt::async_support::*;
use std::cell::RefCell;
use std::rc::Rc;
use std::task::{Poll, Waker};

#[test]
fn a_spawned_task_runs_without_being_awaited() {
    let log = Rc::new(RefCell::new(Vec::new()));
    for name in ["a", "b"] {
        let log = log.clone();
        spawn_local(async move {
            for i in 0..2 {
                log.borrow_mut().push(format!("{name}{i}"));
                yield_async().await;
            }
        });
    }
    assert_eq!(test_core::with(|core| core.wakes), 1, "one wake is enough");
    run();
    assert_eq!(*log.borrow(), ["a0", "b0", "a1", "b1"]);
    assert_empty();
}

#[test]
fn a_handle_gives_what_the_task_came_to() {
    let task = spawn_local(async {
        yield_async().await;
        7
    });
    assert_eq!(block_on(task), Some(7));
    assert_empty();
}

#[test]
fn a_cancelled_task_comes_to_nothing() {
    let mut task = spawn_local(std::future::pending::<()>());
    run();
    task.cancel();
    assert_eq!(block_on(task), None);
    assert_empty();
}

#[test]
fn a_task_that_is_done_can_be_cancelled_without_harm() {
    let mut done = spawn_local(async {});
    run();
    let other = spawn_local(async {
        yield_async().await;
        "still there"
    });
    done.cancel();
    assert_eq!(block_on(done), Some(()));
    assert_eq!(block_on(other), Some("still there"));
    assert_empty();
}

#[test]
fn a_task_can_end_itself() {
    let handle = Rc::new(RefCell::new(None::<JoinHandle<()>>));
    let own = handle.clone();
    let task = spawn_local(async move {
        own.borrow_mut().as_mut().unwrap().cancel();
        std::future::pending().await
    });
    *handle.borrow_mut() = Some(task);
    run();
    assert_eq!(crate::isyswasfa::rt::async_support::executor::count(), 0);
    drop(handle);
    assert_empty();
}

#[test]
fn a_waker_may_outlive_its_task() {
    let waker = Rc::new(RefCell::new(None::<Waker>));
    let keep = waker.clone();
    spawn_local(std::future::poll_fn(move |cx| {
        *keep.borrow_mut() = Some(cx.waker().clone());
        Poll::Ready(())
    }));
    run();
    let waker = waker.take().unwrap();
    let other = spawn_local(std::future::pending::<()>());
    run();
    waker.wake_by_ref();
    waker.wake();
    drop(other);
    run();
    assert_eq!(crate::isyswasfa::rt::async_support::executor::count(), 1);
}

#[test]
fn blocking_inside_a_task_loses_no_wake() {
    // The inner loop comes upon the outer task, which it can't run.
    let outer = spawn_local(async {
        let mut polls = 0;
        std::future::poll_fn(move |cx| {
            polls += 1;
            if polls == 2 {
                return Poll::Ready(());
            }
            cx.waker().wake_by_ref();
            block_on(async {
                yield_async().await;
                yield_async().await;
            });
            Poll::Pending
        })
        .await;
        "woken"
    });
    assert_eq!(block_on(outer), Some("woken"));
    assert_empty();
}
