//! Closures that read and write: passed to functions, kept in variables, called at once, and given to iterators.

use wasip2::cli::stdin::get_stdin;
use wasip2::cli::stdout::get_stdout;
use wasip2::clocks::monotonic_clock::{now, subscribe_duration, subscribe_instant};
use wasip2::io::streams::StreamError;

/// Tries an operation some times, with a pause between.
fn retry<T, E: std::fmt::Debug>(times: u32, mut operation: impl FnMut(u32) -> Result<T, E>) -> Result<T, E> {
    let mut tried = 0;
    loop {
        match operation(tried) {
            Err(error) if tried + 1 < times => {
                eprintln!("try {tried}: {error:?}");
                subscribe_duration(1_000_000 << tried).block();
                tried += 1;
            }
            outcome => return outcome,
        }
    }
}

/// Measures how long something takes.
fn timed<F, R>(what: &str, f: F) -> R
where
    F: FnOnce() -> R,
{
    let begin = now();
    let result = f();
    eprintln!("{what}: {} ns", now() - begin);
    result
}

/// Not one that blocks.
fn twice(f: impl Fn(u32) -> u32, number: u32) -> u32 {
    f(f(number))
}

fn each_line<F: FnMut(&str) -> Result<(), StreamError>>(text: &str, mut f: F) -> Result<(), StreamError> {
    for line in text.lines() {
        f(line)?;
    }
    Ok(())
}

fn wait_until(instant: u64) {
    subscribe_instant(instant).block()
}

struct Hooks {
    before: Box<dyn Fn(&str)>,
    after: fn(u64),
}

fn main() {
    let input = get_stdin();
    let output = get_stdout();
    let mut written = 0;

    // A variable, called twice.
    let write = |text: &str| output.blocking_write_and_flush(text.as_bytes());
    write("begin\n").unwrap();

    let text = timed("reading", || {
        let mut all = Vec::new();
        loop {
            match input.blocking_read(1000) {
                Ok(bytes) => all.extend(bytes),
                Err(_) => break String::from_utf8(all).unwrap_or_default(),
            }
        }
    });

    each_line(&text, |line| {
        written += line.len();
        write(line)?;
        write("\n")
    })
    .unwrap();

    let first = retry(3, |tried| {
        if tried < 2 { Err("not yet") } else { Ok(tried) }
    });
    let flushed = retry(2, |_| output.blocking_flush());

    // Called at once.
    let total = (|| -> Result<usize, StreamError> {
        output.blocking_write_and_flush(b"total\n")?;
        Ok(written)
    })();

    // In an iterator of the standard library.
    let waited: u64 = [1_000u64, 2_000]
        .iter()
        .map(|duration| {
            subscribe_duration(*duration).block();
            *duration
        })
        .sum();

    let hooks = Hooks {
        before: Box::new(|name| {
            let _ = get_stdout().blocking_write_and_flush(name.as_bytes());
        }),
        after: wait_until,
    };
    (hooks.before)("hooks\n");
    (hooks.after)(now() + 1000);

    println!("{first:?} {flushed:?} {total:?} {waited} {}", twice(|x| x + 1, 3));
}
