//! Calls and streams between two components of one composition, ours and native side by side.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use isyswasfa_bench::{Call, Native, Ours, compose, guest};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

/// How much a stream carries in one iteration, and in how large pieces.
const TOTAL: u64 = 64 << 20;
const CHUNK: u32 = 64 << 10;
/// How many calls the guest makes in one call of its own.
const PIECE: u64 = 100_000;

fn composition(backend: &str) -> Vec<u8> {
    let part = |name| guest(backend, name).unwrap_or_else(|error| panic!("{error:#}"));
    compose(&part("bench-caller"), &part("bench-callee")).expect("the two components compose")
}

fn calls(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("tokio starts");
    let ours = runtime
        .block_on(Ours::new(&composition("isyswasfa")))
        .expect("our composition starts");
    let mut native = runtime
        .block_on(Native::new(&composition("native")))
        .expect("the native composition starts");

    for call in [Call::Sync, Call::Ready, Call::Pending] {
        let mut group = criterion.benchmark_group(call.name());
        group.bench_function("ours", |bencher| {
            bencher.iter_custom(|n| {
                timed(&runtime, async {
                    for n in pieces(n) {
                        ours.repeat(call, n).await?;
                    }
                    Ok(())
                })
            })
        });
        group.bench_function("native", |bencher| {
            bencher.iter_custom(|n| {
                timed(&runtime, async {
                    for n in pieces(n) {
                        native.repeat(call, n).await?;
                    }
                    Ok(())
                })
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
    group.bench_function(BenchmarkId::from_parameter("native"), |bencher| {
        bencher.iter_custom(|n| {
            timed(&runtime, async {
                whole(native.stream(TOTAL * n, CHUNK).await?, n)
            })
        })
    });
    group.finish();
}

/// wasmtime keeps something of each native call until the call that made it ends: a million in one and it has no room.
fn pieces(n: u64) -> impl Iterator<Item = u64> {
    (0..n)
        .step_by(PIECE as usize)
        .map(move |done| PIECE.min(n - done))
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
