//! Calls and streams between two components of one composition, ours and native side by side.

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use isyswasfa_bench::{Call, Native, Ours, caller_among, caller_and_callee};
use std::time::{Duration, Instant};
use tokio::runtime::Runtime;

/// How much a stream carries in one iteration, and in how large pieces.
const TOTAL: u64 = 64 << 20;
const CHUNK: u32 = 64 << 10;
/// How much is written at once.
const WRITE: u32 = 256 << 20;
/// How many values are read one by one.
const ITEMS: u32 = 1_000_000;
/// wasmtime keeps something of each native call for as long as its instance lives: after about a million it has no room.
const ROOM: u64 = 500_000;
const WARM: u64 = 1_000;

/// How many components of a composition have nothing to do.
const IDLE: [usize; 4] = [1, 4, 16, 64];

fn composed(composition: anyhow::Result<Vec<u8>>) -> Vec<u8> {
    composition.unwrap_or_else(|error| panic!("{error:#}"))
}

fn calls(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("tokio starts");
    let ours = runtime
        .block_on(Ours::new(&composed(caller_and_callee("isyswasfa"))))
        .expect("our composition starts");
    let composition = composed(caller_and_callee("native"));
    let start = || {
        runtime
            .block_on(Native::new(&composition))
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
                whole(ours.stream(TOTAL * n, CHUNK).await?, TOTAL * n)
            })
        })
    });
    native = start();
    group.bench_function(BenchmarkId::from_parameter("native"), |bencher| {
        bencher.iter_custom(|n| {
            timed(&runtime, async {
                whole(native.stream(TOTAL * n, CHUNK).await?, TOTAL * n)
            })
        })
    });
    group.finish();
}

/// One large write, and many items of one write: what either costs must not grow with what is left of it.
fn large(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("tokio starts");
    let ours = runtime
        .block_on(Ours::new(&composed(caller_and_callee("isyswasfa"))))
        .expect("our composition starts");
    let mut native = runtime
        .block_on(Native::new(&composed(caller_and_callee("native"))))
        .expect("the native composition starts");

    let mut group = criterion.benchmark_group("stream-write");
    group.throughput(Throughput::Bytes(WRITE.into()));
    group.sample_size(10);
    group.bench_function("ours", |bencher| {
        bencher.iter_custom(|n| {
            timed(&runtime, async {
                for _ in 0..n {
                    whole(ours.stream_write(WRITE, CHUNK).await?, WRITE.into())?;
                }
                Ok(())
            })
        })
    });
    group.bench_function("native", |bencher| {
        bencher.iter_custom(|n| {
            timed(&runtime, async {
                for _ in 0..n {
                    whole(native.stream_write(WRITE, CHUNK).await?, WRITE.into())?;
                }
                Ok(())
            })
        })
    });
    group.finish();

    let mut group = criterion.benchmark_group("stream-items");
    group.throughput(Throughput::Elements(ITEMS.into()));
    group.sample_size(10);
    group.bench_function("ours", |bencher| {
        bencher.iter_custom(|n| {
            timed(&runtime, async {
                for _ in 0..n {
                    whole(ours.stream_items(ITEMS).await?, ITEMS.into())?;
                }
                Ok(())
            })
        })
    });
    group.bench_function("native", |bencher| {
        bencher.iter_custom(|n| {
            timed(&runtime, async {
                for _ in 0..n {
                    whole(native.stream_items(ITEMS).await?, ITEMS.into())?;
                }
                Ok(())
            })
        })
    });
    group.finish();
}

/// One call among idle components: however many they are, they cost nothing.
fn calls_among(criterion: &mut Criterion) {
    let runtime = Runtime::new().expect("tokio starts");
    let mut group = criterion.benchmark_group("call-among");
    for idle in IDLE {
        let touched = |count: anyhow::Result<u32>| {
            assert_eq!(count.expect("the guests run"), idle as u32);
        };
        let ours = runtime
            .block_on(Ours::new(&composed(caller_among("isyswasfa", idle))))
            .expect("our composition starts");
        touched(runtime.block_on(ours.touch()));
        group.bench_function(format!("ours-{idle}"), |bencher| {
            bencher.iter_custom(|n| timed(&runtime, ours.repeat_among(n)))
        });

        let composition = composed(caller_among("native", idle));
        let start = || {
            let mut native = runtime
                .block_on(Native::new(&composition))
                .expect("the native composition starts");
            touched(runtime.block_on(native.touch()));
            native
        };
        let (mut native, mut calls) = (start(), 0);
        group.bench_function(format!("native-{idle}"), |bencher| {
            bencher.iter_custom(|n| {
                calls += n;
                if calls > ROOM {
                    native = start();
                    timed(&runtime, native.repeat_among(WARM));
                    calls = n;
                }
                timed(&runtime, native.repeat_among(n))
            })
        });
    }
    group.finish();
}

fn timed(runtime: &Runtime, work: impl Future<Output = anyhow::Result<()>>) -> Duration {
    let start = Instant::now();
    runtime.block_on(work).expect("the guest runs");
    start.elapsed()
}

fn whole(count: u64, sent: u64) -> anyhow::Result<()> {
    anyhow::ensure!(count == sent, "{count} came instead of {sent}");
    Ok(())
}

criterion_group!(benches, calls, large, calls_among);
criterion_main!(benches);
