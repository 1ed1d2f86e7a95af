//! An ordinary Rust program: what it does with `std` alone, beside what it does with WASI 0.3. It prints what came of each.

use compat_api::cli::stdout;
use compat_api::clocks::monotonic_clock;
use compat_api::exports::cli::run::Guest;
use compat_api::wit_stream;
use std::collections::hash_map::RandomState;
use std::collections::{HashMap, HashSet};
use std::hash::BuildHasher;
use std::io::{Read, Write};
use std::time::{Duration, Instant, SystemTime};
use std::{env, fs, io, thread};

struct Ordinary;

compat_api::cli::command::export!(Ordinary);

impl Guest for Ordinary {
    async fn run() -> Result<(), ()> {
        let arguments: Vec<_> = env::args().skip(1).collect();
        match arguments.first().map(String::as_str) {
            Some("panic") => panic!("as it was told"),
            Some("exit") => {
                println!("leaving");
                std::process::exit(1)
            }
            _ => {}
        }
        println!("arguments: {arguments:?}");
        println!(
            "variable: {:?}, {:?}",
            env::var("FLAVOUR").ok(),
            env::var_os("NO_SUCH")
        );
        eprintln!("to stderr");
        clocks().await;
        random();
        if let Err(error) = files() {
            println!("files: {error}");
        }
        // Both ways to stdout, in turn.
        print!("one, ");
        io::stdout().flush().map_err(|_| ())?;
        let (mut out, lines) = wit_stream::new();
        let written = stdout::write_via_stream(lines);
        out.write_all(b"two, ".to_vec()).await;
        drop(out);
        written.await.map_err(|_| ())?;
        println!("three");
        let mut text = String::new();
        io::stdin().read_to_string(&mut text).map_err(|_| ())?;
        println!("stdin: {text:?}");
        Ok(())
    }
}

async fn clocks() {
    let pause = Duration::from_millis(20);
    let begin = Instant::now();
    monotonic_clock::wait_for(pause.as_nanos() as u64).await;
    let waited = begin.elapsed();
    println!(
        "waited: {}",
        waited >= pause && waited < Duration::from_secs(60)
    );
    let begin = Instant::now();
    thread::sleep(pause);
    println!("slept: {}", begin.elapsed() >= pause);
    // Since 1970: it is after 2020.
    let now = SystemTime::UNIX_EPOCH.elapsed().unwrap_or_default();
    println!(
        "now: {}",
        now > Duration::from_secs(50 * 365 * 24 * 60 * 60)
    );
}

/// The seeds come from the host: two programs that ran one after the other must not have the same.
fn random() {
    let map: HashMap<_, _> = (0..100).map(|number| (number, number * number)).collect();
    println!("map: {}", map.values().collect::<HashSet<_>>().len());
    eprintln!("seed: {:x}", RandomState::new().hash_one(0));
}

fn files() -> io::Result<()> {
    println!("read: {:?}", fs::read_to_string("data/in")?);
    fs::write("data/out", "from the guest")?;
    let mut file = fs::File::options().append(true).open("data/out")?;
    file.write_all(b", twice")?;
    println!("size: {}", fs::metadata("data/out")?.len());
    let mut names: Vec<_> = fs::read_dir("data")?
        .map(|entry| Ok(entry?.file_name()))
        .collect::<io::Result<_>>()?;
    names.sort();
    println!("names: {names:?}");
    fs::rename("data/out", "data/moved")?;
    println!("gone: {:?}", fs::read("data/out").unwrap_err().kind());
    Ok(())
}
