//! 100,000 calls, of all kinds that there are, leave nothing behind: neither in the guests' memory nor in the host's tables.

use futures::future::join_all;
use isyswasfa_tests::{
    Backend, Embedded, Embedder, State, composable, compose, on_every_backend, within,
};
use polyfill_host::split::SplitInstance;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

const API: &str = "t:t/api@1.0.0";
const CHECKS: &str = "t:t/checks@1.0.0";

/// Calls in one go: as many are under way at the same time.
const BATCH: u32 = 100;

fn composed(backend: Backend) -> Vec<u8> {
    let [consumer, kinds] =
        ["kinds-consumer", "kinds"].map(|name| std::fs::read(composable(name, backend)).unwrap());
    compose(&consumer, &kinds).unwrap()
}

/// With the functions that `kinds` imports, of which `nothing` is the interesting one.
fn embedder<F, Fut>(backend: Backend, nothing: F) -> Embedder
where
    F: Fn(()) -> Fut + Clone + Send + Sync + 'static,
    Fut: Future<Output = wasmtime::Result<()>> + Send + 'static,
{
    Embedder::new(backend)
        .and_then(|it| it.import(Some(API), "nothing", nothing))
        .and_then(|it| it.import(None, "top", async |(_,): (u32,)| Ok((Vec::<u8>::new(),))))
        .and_then(|it| it.import(Some(API), "five", async |_: Five| Ok((0u64,))))
        .unwrap()
}

async fn instantiate() -> SplitInstance<State> {
    let backend = Backend::Isyswasfa;
    let embedder = embedder(backend, nothing);
    match embedder.instantiate(&composed(backend)).await.unwrap() {
        Embedded::Split(instance) => instance,
        Embedded::Native(_) | Embedded::Lowered(_) => unreachable!("the backend is the split one"),
    }
}

type Five = (u32, String, u64, f32, Option<Rec>);

#[derive(wasmtime::component::ComponentType, wasmtime::component::Lift)]
#[component(record)]
struct Rec {
    #[expect(dead_code, reason = "the guest's type has it")]
    a: u32,
    #[expect(dead_code, reason = "the guest's type has it")]
    b: String,
}

/// Not at once: the host has a future for it.
async fn nothing((): ()) -> wasmtime::Result<()> {
    tokio::task::yield_now().await;
    Ok(())
}

/// Makes `calls` calls, half of them from the host into a guest, the other half from that guest into another one.
async fn call(instance: &SplitInstance<State>, calls: u32) {
    let checks = format!("{CHECKS}-isyswasfa");
    let checks = Some(&*checks);
    let ready = instance
        .async_func::<(u32,), (u32,)>(checks, "ready")
        .await
        .unwrap();
    let pending = instance
        .async_func::<(u32,), (u32,)>(checks, "pending")
        .await
        .unwrap();
    let never = instance
        .async_func::<(), ()>(checks, "never")
        .await
        .unwrap();
    let soak = instance
        .async_func::<(u32,), (u32,)>(checks, "soak")
        .await
        .unwrap();
    for _ in 0..calls / BATCH {
        let guests = soak.call((BATCH / 2,));
        let hosts = join_all((0..BATCH / 2).map(|number| {
            let (ready, pending, never) = (&ready, &pending, &never);
            async move {
                match number % 3 {
                    0 => assert_eq!(ready.call((number,)).await.unwrap(), (number + 1,)),
                    1 => assert_eq!(pending.call((number,)).await.unwrap(), (number + 1,)),
                    // Given up, mostly while the guest's task waits.
                    _ => {
                        let called = tokio::time::timeout(Duration::from_millis(1), never.call(()));
                        assert!(called.await.is_err());
                    }
                }
            }
        }));
        let (soaked, _) = within("a batch of calls", async { tokio::join!(guests, hosts) }).await;
        soaked.unwrap();
    }
    // Tasks that guests have spawned outlive the calls.
    within("the end of all tasks", async {
        loop {
            let (alive,) = soak.call((0,)).await.unwrap();
            if alive == 0 && tables(instance).await == (0, true) {
                return;
            }
            tokio::task::yield_now().await;
        }
    })
    .await;
}

/// The handles in the host's tables, and whether that of WASI 0.2 is empty.
async fn tables(instance: &SplitInstance<State>) -> (usize, bool) {
    let tables = instance.with(|state| (state.split.handles(), state.table.is_empty()));
    tables.await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_of_100_000_calls() {
    let instance = instantiate().await;
    let memory = instance.with(|state| state.memory.clone()).await.unwrap();
    call(&instance, 1_000).await;
    let before = memory.bytes();
    assert!(before > 0, "guests have memory");
    call(&instance, 100_000).await;
    assert_eq!(memory.bytes(), before, "bytes of linear memory");
}

/// A host function's call, until it is dropped.
struct UnderWay(Arc<Calls>);

/// How many calls of a host function were begun, and how many of them are over.
#[derive(Default)]
struct Calls {
    begun: AtomicUsize,
    over: AtomicUsize,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.over.fetch_add(1, Relaxed);
    }
}

on_every_backend! {
    /// A guest calls another, which calls the host, which waits for a timer; then the first gives up.
    async fn nothing_is_left_of_100_000_cancelled_calls(backend) {
        let calls = Arc::new(Calls::default());
        let of_host = calls.clone();
        let waits = move |()| {
            let under_way = UnderWay(of_host.clone());
            of_host.begun.fetch_add(1, Relaxed);
            async move {
                tokio::time::sleep(Duration::from_secs(3600)).await;
                drop(under_way);
                Ok(())
            }
        };
        let mut embedder = embedder(backend, waits);
        let memory = embedder.state().memory.clone();
        let guest = embedder.instantiate(&composed(backend)).await.unwrap();
        let give_up = async |calls: u32| {
            for _ in 0..calls / BATCH {
                let called = guest.call::<_, (u32,)>(CHECKS, "give-up", (BATCH,));
                let (alive,) = within("a batch of calls", called).await.unwrap();
                assert_eq!(alive, 0, "the callees' destructors have run");
            }
        };
        // So long, because the allocator of `wasm32-wasip2` takes its last page after some thousand calls. Another 600,000 took
        // no more when this was written.
        give_up(20_000).await;
        let before = memory.bytes();
        assert!(before > 0, "guests have memory");
        give_up(100_000).await;
        assert_eq!(memory.bytes(), before, "bytes of linear memory");
        assert_eq!(calls.begun.load(Relaxed), 120_000);
        assert_eq!(calls.over.load(Relaxed), 120_000, "the host's calls are cancelled");
        if let Embedded::Split(instance) = &guest {
            assert_eq!(tables(instance).await, (0, true));
        }
    }
}
