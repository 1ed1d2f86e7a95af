//! A guest that waits and calls the host back, through the library's API, many times at once.

mod support;

use std::time::{Duration, Instant};

use futures::future::join_all;
use polyfill_host::split::Limits;
use polyfill_host::split::{SplitCtx, SplitInstance, async_imports};
use support::*;
use wasmtime::Store;

const API: &str = "test:app/api@1.0.0-isyswasfa";

async fn instantiate(limits: Limits) -> SplitInstance<State> {
    let engine = engine();
    let resolve = with_core(include_str!("guests/round-trip.wit"));
    let component = component(
        &engine,
        &resolve,
        "round-trip",
        include_str!("guests/round-trip.wat"),
    );
    let mut linker = linker(&engine);
    let mut up = async_imports(&mut linker, "test:app/up@1.0.0-isyswasfa").unwrap();
    up.func("double", |_, (x,): (u32,)| async move {
        if x % 2 == 1 {
            // Odd ones take their time.
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok((2 * x,))
    })
    .unwrap();
    let state = State {
        split: SplitCtx::new(limits),
        ..State::default()
    };
    let pre = link(linker, &component).unwrap();
    pre.instantiate(Store::new(&engine, state)).await.unwrap()
}

async fn handles(instance: &SplitInstance<State>) -> usize {
    instance.with(|state| state.split.handles()).await.unwrap()
}

#[tokio::test]
async fn calls_run_at_the_same_time() {
    let instance = instantiate(Limits::default()).await;
    let run = instance
        .async_func::<(u32,), (u32,)>(Some(API), "run")
        .await
        .unwrap();
    let begin = Instant::now();
    let doubled = join_all((100..200).map(|x| run.call((x,)))).await;
    // One after the other they would take 1.5 s.
    assert!(
        begin.elapsed() < Duration::from_millis(750),
        "{:?}",
        begin.elapsed()
    );
    for (x, doubled) in (100..200).zip(doubled) {
        assert_eq!(doubled.unwrap(), (2 * x,));
    }
    assert_eq!(handles(&instance).await, 0);
}

#[tokio::test]
async fn a_dropped_call_is_cancelled() {
    let instance = instantiate(Limits::default()).await;
    let run = instance
        .async_func::<(u32,), (u32,)>(Some(API), "run")
        .await
        .unwrap();
    assert!(
        tokio::time::timeout(Duration::from_millis(1), run.call((5,)))
            .await
            .is_err()
    );
    // The next call comes after the cancellation.
    assert_eq!(run.call((6,)).await.unwrap(), (12,));
    assert_eq!(handles(&instance).await, 0);
}

#[tokio::test]
async fn a_trap_ends_everybodys_calls() {
    let instance = instantiate(Limits::default()).await;
    let run = instance
        .async_func::<(u32,), (u32,)>(Some(API), "run")
        .await
        .unwrap();
    let (waiting, trapping) = futures::join!(run.call((5,)), run.call((13,)));
    for error in [
        waiting.unwrap_err(),
        trapping.unwrap_err(),
        run.call((6,)).await.unwrap_err(),
    ] {
        let trap = error.reason().downcast_ref::<wasmtime::Trap>();
        assert_eq!(
            trap,
            Some(&wasmtime::Trap::UnreachableCodeReached),
            "{error}"
        );
    }
    assert!(instance.died().await.is_some());
    assert!(instance.with(|_| ()).await.is_err());
}

#[tokio::test]
async fn a_guest_that_spins_is_interrupted() {
    let mut limits = Limits::default();
    limits.max_run = Some(Duration::from_millis(100));
    let instance = instantiate(limits).await;
    let run = instance
        .async_func::<(u32,), (u32,)>(Some(API), "run")
        .await
        .unwrap();
    let error = run.call((14,)).await.unwrap_err();
    assert!(error.to_string().contains("without returning"), "{error}");
}

#[tokio::test]
async fn an_instance_can_be_interrupted_from_outside() {
    let instance = instantiate(Limits::default()).await;
    let run = instance
        .async_func::<(u32,), (u32,)>(Some(API), "run")
        .await
        .unwrap();
    let (error, ()) = futures::join!(run.call((14,)), async {
        tokio::time::sleep(Duration::from_millis(50)).await;
        instance.interrupt("time is up");
    });
    let error = error.unwrap_err();
    assert!(error.to_string().contains("time is up"), "{error}");
}

#[tokio::test]
async fn too_many_tasks_trap() {
    let mut limits = Limits::default();
    limits.tasks = 10;
    let instance = instantiate(limits).await;
    let run = instance
        .async_func::<(u32,), (u32,)>(Some(API), "run")
        .await
        .unwrap();
    let results = join_all((0..10).map(|x| run.call((x,)))).await;
    let error = results.into_iter().find_map(Result::err).unwrap();
    assert!(error.to_string().contains("more than 10 tasks"), "{error}");
}

#[tokio::test]
async fn a_function_that_is_not_there_is_named() {
    let instance = instantiate(Limits::default()).await;
    let error = instance
        .async_func::<(u32,), (u32,)>(Some(API), "walk")
        .await
        .err()
        .unwrap();
    assert!(error.to_string().contains("walk"), "{error}");
    let error = instance
        .async_func::<(u32,), (u32,)>(Some("a:b/c"), "run")
        .await
        .err()
        .unwrap();
    assert!(error.to_string().contains("a:b/c"), "{error}");
    let run = instance
        .async_func::<(u32,), (u32,)>(Some(API), "run")
        .await
        .unwrap();
    assert_eq!(run.call((1,)).await.unwrap(), (2,));
}
