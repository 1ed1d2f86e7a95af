//! Splits thousands of random WIT packages, from seeds: every split is valid, and little is refused.

mod harness;

use arbitrary::Unstructured;
use isyswasfa_wit::Split;
use isyswasfa_wit::names::{BYTES, PIPES, ROOT};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::{env, fmt, thread};
use wit_component::{DecodedWasm, OutputToString, WitPrinter};
use wit_smith::Config;

/// How many seeds are tried. `ISYSWASFA_SEEDS=FROM..TO` tries others.
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
    let seeds = match env::var("ISYSWASFA_SEEDS") {
        Ok(range) => {
            let (from, to) = range
                .split_once("..")
                .expect("`ISYSWASFA_SEEDS` is `FROM..TO`");
            from.parse().unwrap()..to.parse().unwrap()
        }
        Err(_) => SEEDS,
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
    let config = Config {
        max_packages: 4,
        max_type_size: 40,
        max_interface_items: 8,
        max_world_items: 8,
        max_pkg_items: 6,
        max_type_parts: 4,
        max_files_per_package: 2,
        max_resource_items: 4,
        async_: true,
        futures: true,
        streams: true,
        // Worlds with it are refused: some show that, more would show nothing.
        error_context: seed.is_multiple_of(32),
        fixed_length_lists: true,
        // `wit-smith` cannot do this without panicking; an `include` is gone once WIT is parsed, anyway.
        world_include: false,
        implements: true,
        canonical_names: false,
    };
    let bytes = noise(seed, 8192);
    let Ok(wasm) = wit_smith::smith(&config, &mut Unstructured::new(&bytes)) else {
        return;
    };
    let DecodedWasm::WitPackage(resolve, _) = wit_component::decode(&wasm).unwrap() else {
        panic!("seed {seed} is not a WIT package");
    };
    outcome.lock().unwrap().packages += 1;
    for (world, _) in resolve.worlds.iter() {
        match isyswasfa_wit::split(&resolve, world) {
            Ok(split) => {
                let checked = harness::try_check(&split);
                let mut outcome = outcome.lock().unwrap();
                outcome.pipes_of(&split);
                match checked {
                    Ok(_) => {}
                    // `wit-component` makes one name of `[static]x.xy` and `[static]xx.y` in what it puts around exports.
                    Err((error, _)) if error.contains("import name `import-") => {
                        outcome.not_encodable += 1;
                        continue;
                    }
                    Err((error, text)) => panic!("seed {seed}: {error}\n{text}"),
                }
                match split.world == world {
                    true => outcome.untouched += 1,
                    false => outcome.changed += 1,
                }
            }
            Err(refused) => {
                *outcome
                    .lock()
                    .unwrap()
                    .refused
                    .entry(refused.reason.word())
                    .or_default() += 1;
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
