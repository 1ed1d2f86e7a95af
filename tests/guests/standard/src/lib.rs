//! The rules of `wasi:cli`, `wasi:clocks` and `wasi:random`, one line of output for each: what was tried, and what it came to.
//!
//! Arguments: `report` prints them; `exit N` exits with that status from within; `trap` traps; `wait` waits for ever;
//! `deadlock` waits for itself;
//! `leave` returns while a task waits for what never comes; `background` returns while one goes on for ever;
//! `grow` takes memory until there is none; `late` writes after `run` has returned; `burst` returns when a lot was written, and
//! has not arrived yet; `spin` computes for ever; `yield` looks for ever whether something has come.

use compat_api::cli::{environment, exit, stderr, stdin, stdout, terminal_stdin, terminal_stdout};
use compat_api::clocks::{monotonic_clock, system_clock};
use compat_api::exports::cli::run::Guest;
use compat_api::random::{insecure, insecure_seed, random};
use compat_api::wit_bindgen::{spawn_local, yield_async};
use compat_api::wit_stream;
use std::fmt::{Debug, Write};
use std::pin::pin;
use std::task::{Context, Waker};

struct Standard;

compat_api::cli::command::export!(Standard);

const MILLISECOND: u64 = 1_000_000;

impl Guest for Standard {
    async fn run() -> Result<(), ()> {
        let arguments = environment::get_arguments();
        match arguments.get(1).map(String::as_str) {
            Some("report") => {
                let mut report = Report::default();
                // Each group of rules is printed when it is through: who hangs, hangs there.
                cli(&mut report).await;
                print(std::mem::take(&mut report.text)).await?;
                clocks(&mut report).await;
                print(std::mem::take(&mut report.text)).await?;
                bytes(&mut report);
                print(report.text).await
            }
            Some("exit") => {
                print("leaving\n".into()).await?;
                let code = arguments.get(2).and_then(|code| code.parse().ok());
                exit::exit_with_code(code.ok_or(())?);
                Ok(())
            }
            Some("trap") => panic!("as it was told"),
            Some("wait") => {
                monotonic_clock::wait_until(u64::MAX).await;
                Ok(())
            }
            Some("deadlock") => {
                let (_kept, mut never) = wit_stream::new::<u8>();
                never.next().await;
                Ok(())
            }
            Some("background") => {
                spawn_local(async {
                    loop {
                        monotonic_clock::wait_for(MILLISECOND).await;
                    }
                });
                print("returned\n".into()).await
            }
            Some("burst") => {
                let (mut out, lines) = wit_stream::new();
                let _written = stdout::write_via_stream(lines);
                let left = out.write_all(vec![b'x'; 300_000]).await;
                if left.is_empty() { Ok(()) } else { Err(()) }
            }
            Some("yield") => loop {
                yield_async().await;
            },
            Some("spin") => loop {
                std::hint::black_box(());
            },
            Some("grow") => {
                let mut all: Vec<Vec<u8>> = Vec::new();
                loop {
                    let mut more: Vec<u8> = Vec::new();
                    if more.try_reserve_exact(1 << 20).is_err() {
                        return print(format!("{} MiB\n", all.len())).await;
                    }
                    all.push(more);
                }
            }
            Some("leave") => {
                let (kept, mut never) = wit_stream::new::<u8>();
                spawn_local(async move {
                    never.next().await;
                    drop(kept);
                });
                Ok(())
            }
            Some("late") => {
                spawn_local(async {
                    monotonic_clock::wait_for(50 * MILLISECOND).await;
                    let _ = print("late\n".into()).await;
                });
                Ok(())
            }
            _ => Err(()),
        }
    }
}

/// What was found out.
#[derive(Default)]
struct Report {
    text: String,
}

impl Report {
    fn line(&mut self, what: &str, came_to: impl Debug) {
        writeln!(self.text, "{what}: {came_to:?}").expect("a string takes all");
    }
}

async fn print(text: String) -> Result<(), ()> {
    let (mut out, lines) = wit_stream::new();
    let written = stdout::write_via_stream(lines);
    out.write_all(text.into_bytes()).await;
    drop(out);
    written.await.map_err(|_| ())
}

/// Stdin has `first` in it, and nothing else until a line of stdout has been read.
async fn cli(report: &mut Report) {
    let arguments = environment::get_arguments();
    report.line("arguments", arguments);
    report.line("environment", environment::get_environment());
    report.line("working directory", environment::get_initial_cwd());
    report.line(
        "stdin is a terminal",
        terminal_stdin::get_terminal_stdin().is_some(),
    );
    report.line(
        "stdout is a terminal",
        terminal_stdout::get_terminal_stdout().is_some(),
    );

    let (mut input, ended) = stdin::read_via_stream();
    let (result, bytes) = input.read(Vec::with_capacity(3)).await;
    report.line("three bytes of stdin", (result, bytes));
    let (result, bytes) = input.read(Vec::with_capacity(100)).await;
    report.line("the others", (result, bytes));
    {
        let mut read = pin!(input.read(Vec::with_capacity(1)));
        let mut context = Context::from_waker(Waker::noop());
        report.line(
            "a read waits",
            read.as_mut().poll(&mut context).is_pending(),
        );
        let (result, bytes) = read.cancel();
        report.line("and is given up", (result, bytes));
    }
    // Whoever runs us sends the rest when it sees this.
    report.line("ask for more", print("more\n".into()).await);
    report.line("which comes, to its end", input.collect().await);
    report.line("and ends well", ended.await);

    let (mut out, text) = wit_stream::new();
    let written = stderr::write_via_stream(text);
    out.write_all(b"to stderr\n".to_vec()).await;
    drop(out);
    report.line("written to stderr", written.await);
    let (out, text) = wit_stream::new::<u8>();
    let written = stdout::write_via_stream(text);
    drop(out);
    report.line("nothing written to stdout", written.await);
}

async fn clocks(report: &mut Report) {
    let before = monotonic_clock::now();
    monotonic_clock::wait_for(10 * MILLISECOND).await;
    let after = monotonic_clock::now();
    report.line(
        "ten milliseconds have passed",
        after >= before + 10 * MILLISECOND,
    );
    monotonic_clock::wait_until(before).await;
    report.line(
        "what is past is not waited for",
        monotonic_clock::now() >= after,
    );
    monotonic_clock::wait_for(0).await;
    report.line("the clock ticks", monotonic_clock::get_resolution() > 0);
    let now = system_clock::now();
    report.line(
        "this century",
        now.seconds > 1_700_000_000 && now.nanoseconds < 1_000_000_000,
    );
    report.line("by a clock that ticks", system_clock::get_resolution() > 0);

    // The shorter one is over first.
    let (mut done, order) = wit_stream::new::<u8>();
    let long = async { monotonic_clock::wait_for(40 * MILLISECOND).await };
    let short = spawn_local(async move {
        monotonic_clock::wait_for(MILLISECOND).await;
        done.write_one(1).await;
    });
    let order = spawn_local(order.collect());
    long.await;
    report.line("others go on meanwhile", (short.await, order.await));

    // One that is given up does not keep anybody.
    let mut wait = Box::pin(monotonic_clock::wait_until(u64::MAX));
    let mut context = Context::from_waker(Waker::noop());
    report.line("a long wait", wait.as_mut().poll(&mut context).is_pending());
}

fn bytes(report: &mut Report) {
    let some = random::get_random_bytes(32);
    report.line("random bytes", !some.is_empty() && some.len() <= 32);
    report.line("which differ", some != random::get_random_bytes(32));
    report.line("none of them", random::get_random_bytes(0).is_empty());
    report.line(
        "a random number differs",
        random::get_random_u64() != random::get_random_u64(),
    );
    let some = insecure::get_insecure_random_bytes(32);
    report.line("insecure bytes", !some.is_empty() && some.len() <= 32);
    let (a, b) = (
        insecure::get_insecure_random_u64(),
        insecure::get_insecure_random_u64(),
    );
    report.line("which differ", a != b);
    insecure_seed::get_insecure_seed();
}
