//! Calls and streams between two components of one composition, ours and native side by side.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use isyswasfa_bench::{Call, Native, Ours, guest};
use polyfill_host::compose;
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

/// How much a stream carries in one iteration, and in how large pieces.
const TOTAL: u64 = 64 << 20;
const CHUNK: u32 = 64 << 10;
/// wasmtime keeps something of each native call for as long as its instance lives: after about a million it has no room.
const ROOM: u64 = 500_000;
const WARM: u64 = 1_000;

fn composition(backend: &str) -> Vec<u8> {
    let part = |name| guest(backend, name).unwrap_or_else(|error| panic!("{error:#}"));
    compose(&part("bench-caller"), &part("bench-callee")).expect("the two components compose")
}

fn calls(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("tokio starts");
    let ours = runtime
        .block_on(Ours::new(&composition("isyswasfa")))
        .expect("our composition starts");
    let composed = composition("native");
    let start = || {
        runtime
            .block_on(Native::new(&composed))
            .expect("the native composition starts")
    };
    let mut native = start();
    let mut calls = 0;

    for call in [Call::Sync, Call::Ready, Call::Pending] {
        let mut group = criterion.benchmark_group(call.name());
        group.bench_function("ours", |bencher| {
            bencher.iter_custom(|n| timed(&runtime, ours.repeat(call, n)))
        });
        group.bench_function("native", |bencher| {
            bencher.iter_custom(|n| {
                let is_sync = matches!(call, Call::Sync);
                calls += if is_sync { 0 } else { n };
                if calls > ROOM {
                    // Its first calls are slower, and not what is measured.
                    native = start();
                    timed(&runtime, native.repeat(call, WARM));
                    calls = n;
                }
                timed(&runtime, native.repeat(call, n))
            })
        });
        group.finish();
    }

    let mut group = criterion.benchmark_group("stream-bytes");
    group.throughput(Throughput::Bytes(TOTAL));
    group.sample_size(10);
    group.bench_function(BenchmarkId::from_parameter("ours"), |bencher| {
        bencher.iter_custom(|n| {
            timed(&runtime, async {
                whole(ours.stream(TOTAL * n, CHUNK).await?, n)
            })
        })
    });
    native = start();
    group.bench_function(BenchmarkId::from_parameter("native"), |bencher| {
        bencher.iter_custom(|n| {
            timed(&runtime, async {
                whole(native.stream(TOTAL * n, CHUNK).await?, n)
            })
        })
    });
    group.finish();
}

fn timed(runtime: &Runtime, work: impl Future<Output = anyhow::Result<()>>) -> Duration {
    let start = Instant::now();
    runtime.block_on(work).expect("the guest runs");
    start.elapsed()
}

fn whole(count: u64, n: u64) -> anyhow::Result<()> {
    anyhow::ensure!(
        count == TOTAL * n,
        "{count} bytes came instead of {}",
        TOTAL * n
    );
    Ok(())
}

criterion_group!(benches, calls);
criterion_main!(benches);
