//! Damages components at random, and gives them to all commands that read components. `ISYSWASFA_FUZZ_TIMES=N` does N times as many,
//! `ISYSWASFA_SEEDS=FROM..TO` those of these seeds.

mod mutation;

use mutation::{Random, corpus, give_to_all, mutate::mutate};
use std::collections::BTreeMap;
use std::panic::catch_unwind;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};
use std::{env, thread};

/// How many damaged components are tried.
const SEEDS: u64 = 1500;

/// None of these components takes a thousandth of that, on a machine that does nothing else.
const TOO_LONG: Duration = Duration::from_secs(300);

#[test]
fn whole_components_are_read() {
    let whole = corpus::components();
    for component in &whole {
        give_to_all(component, &whole);
    }
}

#[test]
fn no_damage_is_an_internal_error() {
    let whole = corpus::components();
    let seeds = match (
        env::var("ISYSWASFA_SEEDS"),
        env::var("ISYSWASFA_FUZZ_TIMES"),
    ) {
        (Ok(range), _) => {
            let (from, to) = range.split_once("..").expect("`FROM..TO`");
            from.parse().unwrap()..to.parse().unwrap()
        }
        (_, Ok(times)) => 0..SEEDS * times.parse::<u64>().unwrap(),
        _ => 0..SEEDS,
    };
    let next = AtomicU64::new(seeds.start);
    let failed: Mutex<BTreeMap<String, (u64, usize)>> = Mutex::default();
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let seed = next.fetch_add(1, Ordering::Relaxed)
                    && seeds.contains(&seed)
                {
                    let mut random = Random::new(seed);
                    let from = random.below(whole.len());
                    let wasm = mutate(&whole[from], &mut random);
                    let other = [whole[random.below(whole.len())].clone()];
                    let begun = Instant::now();
                    let outcome = catch_unwind(|| give_to_all(&wasm, &other));
                    let failure = match outcome {
                        Err(panic) => panic_message(&*panic),
                        Ok(()) if begun.elapsed() > TOO_LONG => "it takes too long".to_owned(),
                        Ok(()) => continue,
                    };
                    let mut failed = failed.lock().unwrap();
                    failed.entry(failure).or_insert((seed, 0)).1 += 1;
                }
            });
        }
    });
    let failed = failed.into_inner().unwrap();
    let told: Vec<_> = failed
        .iter()
        .map(|(failure, (seed, times))| format!("seed {seed} and {} more: {failure}", times - 1))
        .collect();
    assert!(told.is_empty(), "{}", told.join("\n"));
}

fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    match (panic.downcast_ref::<String>(), panic.downcast_ref::<&str>()) {
        (Some(text), _) => text.clone(),
        (_, Some(text)) => (*text).to_owned(),
        _ => "a panic without a message".to_owned(),
    }
}
