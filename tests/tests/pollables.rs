//! The guest `pollables`: it calls interfaces of WASI 0.2 directly, and awaits their pollables beside what WASI 0.3 has.

use isyswasfa_tests::{Backend, Embedded, Embedder, composable, on_every_backend, within};
use std::time::{Duration, Instant};
use tokio::io::AsyncWriteExt;
use wasmtime_wasi::WasiCtx;
use wasmtime_wasi::cli::AsyncStdinStream;

const WAITS: &str = "tests:pollables/waits@0.1.0";

async fn instantiate(embedder: Embedder, backend: Backend) -> Embedded {
    let component = std::fs::read(composable("pollables", backend)).unwrap();
    embedder.instantiate(&component).await.unwrap()
}

/// Nothing of what was awaited is left, as far as that can be seen: the pollables are in the host's table.
async fn nothing_is_left(guest: &Embedded) {
    if let Embedded::Split(instance) = guest {
        let left = instance.with(|state| (state.split.handles(), state.table.is_empty()));
        assert_eq!(left.await.unwrap(), (0, true));
    }
}

on_every_backend! {
    async fn pollables_and_timers_overlap(backend) {
        const COUNT: u32 = 10;
        const WAIT: Duration = Duration::from_millis(50);
        let guest = instantiate(Embedder::new(backend).unwrap(), backend).await;
        let called = guest.call(WAITS, "together", (COUNT, WAIT.as_nanos() as u64));
        let (nanoseconds,): (u64,) = within("waiting", called).await.unwrap();
        let elapsed = Duration::from_nanos(nanoseconds);
        let one_after_the_other = 2 * COUNT * WAIT;
        assert!((WAIT..one_after_the_other / 2).contains(&elapsed), "{elapsed:?}");
        nothing_is_left(&guest).await;
    }

    async fn calls_overlap(backend) {
        const CALLS: u32 = 10;
        const WAIT: Duration = Duration::from_millis(50);
        let guest = instantiate(Embedder::new(backend).unwrap(), backend).await;
        let call = || guest.call::<_, (u64,)>(WAITS, "together", (1u32, WAIT.as_nanos() as u64));
        let begin = Instant::now();
        for called in within("waiting", futures::future::join_all((0..CALLS).map(|_| call()))).await {
            called.unwrap();
        }
        assert!(begin.elapsed() < CALLS * WAIT / 2, "{:?}", begin.elapsed());
    }

    async fn others_run_while_one_waits(backend) {
        let guest = instantiate(Embedder::new(backend).unwrap(), backend).await;
        let never = guest.call::<_, ()>(WAITS, "never", ());
        let others = async {
            for _ in 0..10 {
                let called = guest.call(WAITS, "together", (1u32, 1_000_000u64));
                let (_,): (u64,) = within("another call", called).await.unwrap();
            }
        };
        tokio::select! {
            called = never => panic!("this waits for ever: {called:?}"),
            () = others => {}
        }
    }

    async fn one_that_is_ready_already(backend) {
        let guest = instantiate(Embedder::new(backend).unwrap(), backend).await;
        let () = within("the call", guest.call(WAITS, "ready", ())).await.unwrap();
        nothing_is_left(&guest).await;
    }

    async fn one_that_is_given_up(backend) {
        let guest = instantiate(Embedder::new(backend).unwrap(), backend).await;
        for timer_wins in [true, false] {
            let called = guest.call(WAITS, "race", (10_000_000u64, timer_wins));
            let () = within("the race", called).await.unwrap();
            nothing_is_left(&guest).await;
        }
    }

    async fn a_streams_pollable(backend) {
        let (mut writer, reader) = tokio::io::duplex(1024);
        let mut embedder = Embedder::new(backend).unwrap();
        embedder.state().wasi = WasiCtx::builder().stdin(AsyncStdinStream::new(reader)).build();
        let guest = instantiate(embedder, backend).await;
        let write = async {
            for word in ["one ", "two ", "three"] {
                tokio::time::sleep(Duration::from_millis(20)).await;
                writer.write_all(word.as_bytes()).await.unwrap();
            }
            drop(writer);
        };
        let call = guest.call::<_, (Vec<u8>,)>(WAITS, "stdin", ());
        let ((), read) = within("stdin", async { tokio::join!(write, call) }).await;
        assert_eq!(String::from_utf8(read.unwrap().0).unwrap(), "one two three");
        nothing_is_left(&guest).await;
    }

    async fn a_task_that_waits_is_dropped(backend) {
        let (_writer, reader) = tokio::io::duplex(1024);
        let mut embedder = Embedder::new(backend).unwrap();
        embedder.state().wasi = WasiCtx::builder().stdin(AsyncStdinStream::new(reader)).build();
        let guest = instantiate(embedder, backend).await;
        // The second one owns the stream that its pollable is of.
        let never = async { guest.call::<_, ()>(WAITS, "never", ()).await.map(drop) };
        let stdin = async { guest.call::<_, (Vec<u8>,)>(WAITS, "stdin", ()).await.map(drop) };
        let waited = tokio::time::timeout(Duration::from_millis(50), async { tokio::join!(never, stdin) });
        assert!(waited.await.is_err());
        // The next call comes after the cancellation, and works.
        let () = within("the call", guest.call(WAITS, "ready", ())).await.unwrap();
        nothing_is_left(&guest).await;
    }
}
