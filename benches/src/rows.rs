//! The rows, and who contends in each.

use crate::composition::{self, Backend};
use crate::embedding::{NativeCallee, NativeCaller, OurCallee, OurCaller};
use crate::program::Program;
use crate::turns::Contender;
use anyhow::{Result, bail, ensure};
use std::cell::RefCell;
use tokio::runtime::Runtime;

/// The interface that measures, and the one that does it among idle components.
const MEASURE: &str = "bench:calls/measure";
const AMONG: &str = "bench:calls/among";

/// How much a stream carries in one repetition, and in how large pieces.
const STREAMED: u64 = 64 << 20;
const CHUNK: u32 = 64 << 10;
/// How much is written at once.
const WRITTEN: u32 = 256 << 20;
/// How many values are read one by one, and how many records of 32 bytes are sent.
const ITEMS: u32 = 1_000_000;
const RECORDS: u32 = 50_000;
/// wasmtime keeps something of each native call for as long as its instance lives: after about a million it has no room.
const ROOM: u64 = 500_000;

type Composition = fn(Backend) -> Result<Vec<u8>>;

/// Those that contend in the row `name`.
pub fn contenders<'a>(runtime: &'a Runtime, name: &str) -> Result<Vec<Contender<'a>>> {
    use composition::{caller_and_callee, chain};
    let both: &[_] = &[("ours", Backend::Split), ("native", Backend::Native)];
    let three: &[_] = &[
        ("ours", Backend::Translated),
        ("built", Backend::Split),
        ("native", Backend::Native),
    ];
    let calls = |who: &[(&'static str, Backend)], composition: Composition, call| {
        let each = who.iter().map(|(who, backend)| {
            contender(
                runtime,
                who,
                *backend,
                composition,
                Work::calls(MEASURE, call),
            )
        });
        each.collect::<Result<Vec<_>>>()
    };
    let stream = |who: &[(&'static str, Backend)], work: Work| {
        let each = who
            .iter()
            .map(|(who, backend)| contender(runtime, who, *backend, caller_and_callee, work));
        each.collect::<Result<Vec<_>>>()
    };
    match name {
        "call-sync" => calls(both, caller_and_callee, "call-sync"),
        "call-ready" => calls(both, caller_and_callee, "call-ready"),
        "call-pending" => calls(both, caller_and_callee, "call-pending"),
        "call-chain" => calls(both, chain, "call-pending"),
        "call-among-1" => among::<1>(runtime),
        "call-among-4" => among::<4>(runtime),
        "call-among-16" => among::<16>(runtime),
        "call-among-64" => among::<64>(runtime),
        "call-beside-1" => beside::<1>(runtime),
        "call-beside-100" => beside::<100>(runtime),
        "call-beside-10000" => beside::<10_000>(runtime),
        "host-to-guest" => embedded(
            runtime,
            (OurCallee::new(), async |guest, n| guest.call(n).await),
            (NativeCallee::new, async |guest, n| guest.call(n).await),
        ),
        "guest-to-host" => embedded(
            runtime,
            (OurCaller::new(), async |guest, n| guest.call(n).await),
            (NativeCaller::new, async |guest, n| guest.call(n).await),
        ),
        "stream-bytes" => stream(both, Work::Stream),
        "stream-write" => stream(both, Work::Write),
        "stream-items" => stream(both, Work::Items),
        "stream-records" => stream(both, Work::Records(1000)),
        "stream-record" => stream(both, Work::Records(1)),
        "translated-ready" => calls(three, caller_and_callee, "call-ready"),
        "translated-pending" => calls(three, caller_and_callee, "call-pending"),
        "translated-stream" => stream(three, Work::Stream),
        _ => bail!("there is no row `{name}`"),
    }
}

/// What the caller is to do in one repetition.
#[derive(Clone, Copy)]
enum Work {
    /// One call. How often is an argument.
    Calls {
        interface: &'static str,
        call: &'static str,
    },
    Stream,
    Write,
    Items,
    Records(u32),
}

impl Work {
    fn calls(interface: &'static str, call: &'static str) -> Work {
        Work::Calls { interface, call }
    }

    /// Operations in one repetition: calls, bytes, or items.
    fn operations(self) -> u64 {
        match self {
            Work::Calls { .. } => 1,
            Work::Stream => STREAMED,
            Work::Write => WRITTEN.into(),
            Work::Items => ITEMS.into(),
            Work::Records(_) => RECORDS.into(),
        }
    }

    async fn repeat(self, program: &mut Program, n: u64) -> Result<()> {
        let expected = self.operations();
        let whole = |(came,): (u64,), expected| {
            ensure!(came == expected, "{came} came instead of {expected}");
            Ok(())
        };
        match self {
            Work::Calls { interface, call } => program.call(interface, call, (n,)).await?,
            Work::Stream => {
                let (total, name) = (STREAMED * n, "stream-bytes");
                whole(program.call(MEASURE, name, (total, CHUNK)).await?, total)?;
            }
            Work::Write => {
                for _ in 0..n {
                    let arguments = (WRITTEN, CHUNK);
                    whole(
                        program.call(MEASURE, "stream-write", arguments).await?,
                        expected,
                    )?;
                }
            }
            Work::Items => {
                for _ in 0..n {
                    whole(
                        program.call(MEASURE, "stream-items", (ITEMS,)).await?,
                        expected,
                    )?;
                }
            }
            Work::Records(at_once) => {
                for _ in 0..n {
                    let arguments = (RECORDS, at_once);
                    whole(
                        program.call(MEASURE, "stream-records", arguments).await?,
                        expected,
                    )?;
                }
            }
        }
        Ok(())
    }
}

fn contender<'a>(
    runtime: &'a Runtime,
    who: &'static str,
    backend: Backend,
    composition: Composition,
    work: Work,
) -> Result<Contender<'a>> {
    let component = composition(backend)?;
    let start = move || runtime.block_on(Program::new(backend, &component));
    renewed(
        runtime,
        who,
        backend == Backend::Native,
        work.operations(),
        start,
        async move |program, n| work.repeat(program, n).await,
    )
}

/// A contender whose program is started anew before it runs out of room, if it is native.
fn renewed<'a, P: 'a>(
    runtime: &'a Runtime,
    who: &'static str,
    is_native: bool,
    operations: u64,
    start: impl Fn() -> Result<P> + 'a,
    work: impl AsyncFn(&mut P, u64) -> Result<()> + Clone + 'a,
) -> Result<Contender<'a>> {
    let program = std::rc::Rc::new(RefCell::new(start()?));
    let (prepared, prepare, repeat) = (program.clone(), work.clone(), work);
    let mut repetitions = 0;
    Ok(Contender {
        who,
        operations,
        prepare: Box::new(move |n| {
            repetitions += n;
            if is_native && repetitions > ROOM {
                *prepared.borrow_mut() = start()?;
                // Its first calls are slower, and not what is measured.
                runtime.block_on(prepare(&mut prepared.borrow_mut(), 1000))?;
                repetitions = n;
            }
            Ok(())
        }),
        repeat: Box::new(move |n| runtime.block_on(repeat(&mut program.borrow_mut(), n))),
    })
}

/// One call among idle components: however many they are, they cost nothing.
fn among<const IDLE: usize>(runtime: &Runtime) -> Result<Vec<Contender<'_>>> {
    let each = [("ours", Backend::Split), ("native", Backend::Native)];
    let each = each.map(|(who, backend)| {
        let component = composition::caller_among(backend, IDLE)?;
        let start = move || {
            runtime.block_on(async {
                let mut program = Program::new(backend, &component).await?;
                let (touched,): (u32,) = program.call(AMONG, "touch", ()).await?;
                ensure!(
                    touched == IDLE as u32,
                    "{touched} components instead of {IDLE}"
                );
                Ok(program)
            })
        };
        let work = Work::calls(AMONG, "call-pending");
        let repeat = async move |program: &mut Program, n| work.repeat(program, n).await;
        renewed(runtime, who, backend == Backend::Native, 1, start, repeat)
    });
    each.into_iter().collect()
}

/// One call while so many others wait, which cost nothing either.
fn beside<const WAITING: u32>(runtime: &Runtime) -> Result<Vec<Contender<'_>>> {
    let each = [("ours", Backend::Split), ("native", Backend::Native)];
    let each = each.map(|(who, backend)| {
        let component = composition::caller_and_callee(backend)?;
        let start = move || {
            runtime.block_on(async {
                let mut program = Program::new(backend, &component).await?;
                program.call::<_, ()>(MEASURE, "park", (WAITING,)).await?;
                Ok(program)
            })
        };
        let work = Work::calls(MEASURE, "call-pending");
        let repeat = async move |program: &mut Program, n| work.repeat(program, n).await;
        renewed(runtime, who, backend == Backend::Native, 1, start, repeat)
    });
    each.into_iter().collect()
}

/// Programs with bindings: one of ours, which is started once, and how to start a native one.
fn embedded<'a, O: 'a, N: 'a, F>(
    runtime: &'a Runtime,
    (ours, call): (
        impl Future<Output = Result<O>>,
        impl AsyncFn(&mut O, u64) -> Result<()> + Clone + 'a,
    ),
    (native, call_native): (
        impl Fn() -> F + 'a,
        impl AsyncFn(&mut N, u64) -> Result<()> + Clone + 'a,
    ),
) -> Result<Vec<Contender<'a>>>
where
    F: Future<Output = Result<N>>,
{
    let mut ours = runtime.block_on(ours)?;
    Ok(vec![
        Contender {
            who: "ours",
            operations: 1,
            prepare: Box::new(|_| Ok(())),
            repeat: Box::new(move |n| runtime.block_on(call(&mut ours, n))),
        },
        renewed(
            runtime,
            "native",
            true,
            1,
            move || runtime.block_on(native()),
            call_native,
        )?,
    ])
}
