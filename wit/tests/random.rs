//! Splits thousands of random WIT packages, from seeds: every split is valid, and little is refused.

mod harness;

use harness::packages::{self, Checked};
use isyswasfa_wit::Split;
use isyswasfa_wit::names::{BYTES, PIPES, ROOT};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::{env, fmt, thread};
use wit_component::{OutputToString, WitPrinter};

/// How many seeds are tried. `ISYSWASFA_SEEDS=FROM..TO` tries others, `ISYSWASFA_FUZZ_TIMES=N` N times as many.
const SEEDS: std::ops::Range<u64> = 0..4000;

/// What became of the random worlds.
#[derive(Default)]
struct Outcome {
    packages: usize,
    changed: usize,
    untouched: usize,
    /// Pipes by where they are.
    pipes: BTreeMap<&'static str, usize>,
    /// The text of every pipe that has an interface of its own, by its name.
    contents: BTreeMap<String, String>,
    /// Valid, but more than `wit-component` can do.
    not_encodable: usize,
    refused: BTreeMap<&'static str, usize>,
}

#[test]
fn random_packages_have_valid_splits() {
    let seeds = match (
        env::var("ISYSWASFA_SEEDS"),
        env::var("ISYSWASFA_FUZZ_TIMES"),
    ) {
        (_, Ok(times)) => 0..SEEDS.end * times.parse::<u64>().unwrap(),
        (Ok(range), _) => {
            let (from, to) = range
                .split_once("..")
                .expect("`ISYSWASFA_SEEDS` is `FROM..TO`");
            from.parse().unwrap()..to.parse().unwrap()
        }
        _ => SEEDS,
    };
    let next = AtomicU64::new(seeds.start);
    let outcome = Mutex::new(Outcome::default());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                while let seed = next.fetch_add(1, Ordering::Relaxed)
                    && seeds.contains(&seed)
                {
                    package(seed, &outcome);
                }
            });
        }
    });

    let outcome = outcome.into_inner().unwrap();
    println!("{outcome}");
    let refused: usize = outcome.refused.values().sum();
    let worlds = outcome.changed + outcome.untouched + refused;
    assert!(
        outcome.changed * 2 > worlds,
        "too few worlds change for this to show anything: {outcome}"
    );
    assert!(outcome.not_encodable * 100 < worlds, "too many: {outcome}");
    for home in [
        "isyswasfa:core/bytes",
        "isyswasfa:pipes",
        "$root",
        "an interface with its resources",
    ] {
        assert!(
            outcome.pipes.contains_key(home),
            "no pipe was in {home}: {outcome}"
        );
    }
    for (reason, count) in &outcome.refused {
        let expected = ["error-context", "pipe-between", "too-large"].contains(reason);
        assert!(expected, "{count} worlds were refused: {reason}");
        assert!(
            count * 20 < worlds,
            "{count} of {worlds} worlds were refused: {reason}"
        );
    }
}

impl Outcome {
    /// Counts the pipes of `split`, and checks that one name never has two contents.
    fn pipes_of(&mut self, split: &Split) {
        for pipe in split.pipes.values() {
            let home = match pipe.interface.as_str() {
                BYTES => "isyswasfa:core/bytes",
                ROOT => "$root",
                interface if interface.starts_with(PIPES) => "isyswasfa:pipes",
                _ => "an interface with its resources",
            };
            *self.pipes.entry(home).or_default() += 1;
        }
        let package = split
            .resolve
            .packages
            .iter()
            .find(|(_, package)| package.name.to_string() == "isyswasfa:pipes@0.1.0");
        for (name, id) in package
            .into_iter()
            .flat_map(|(_, package)| &package.interfaces)
        {
            let mut printer = WitPrinter::<OutputToString>::default();
            printer.print_interface(&split.resolve, *id).unwrap();
            let text = String::from(printer.output);
            let known = self
                .contents
                .entry(name.clone())
                .or_insert_with(|| text.clone());
            assert_eq!(*known, text, "`{name}` has two contents");
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Outcome {
            packages,
            changed,
            untouched,
            not_encodable,
            refused,
            pipes,
            contents,
        } = self;
        write!(
            f,
            "{packages} packages; worlds: {changed} changed, {untouched} untouched, {not_encodable} not encodable, \
             refused {refused:?}; pipes: {pipes:?}, {} names",
            contents.len()
        )
    }
}

fn package(seed: u64, outcome: &Mutex<Outcome>) {
    // Worlds with `error-context` are refused: some show that, more would show nothing.
    let Some(resolve) = packages::package(&noise(seed, 8192), seed.is_multiple_of(32)) else {
        return;
    };
    outcome.lock().unwrap().packages += 1;
    for (world, _) in resolve.worlds.iter() {
        let checked = packages::check(&resolve, world);
        let checked = checked.unwrap_or_else(|error| panic!("seed {seed}: {error}"));
        let mut outcome = outcome.lock().unwrap();
        match checked {
            Checked::Split(split) => {
                outcome.pipes_of(&split);
                if split.world == world {
                    outcome.untouched += 1
                } else {
                    outcome.changed += 1
                }
            }
            Checked::NotEncodable(split) => {
                outcome.pipes_of(&split);
                outcome.not_encodable += 1;
            }
            Checked::Refused(refused) => {
                *outcome.refused.entry(refused.reason.word()).or_default() += 1;
            }
        }
    }
}

/// Bytes that are the same for the same seed on every machine. Most are odd: these are the ones that `arbitrary` takes
/// for "yes", as in "yes, one more item".
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let blocks = (0u64..).flat_map(|block| {
        let mut hash = Sha256::new();
        hash.update(seed.to_le_bytes());
        hash.update(block.to_le_bytes());
        hash.finalize()
    });
    let odd = |byte: u8| if byte & 0b110 == 0 { byte } else { byte | 1 };
    blocks.map(odd).take(length).collect()
}
