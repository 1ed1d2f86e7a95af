//! Every key of `-S`, `-W`, `-C` and `-O` reaches guests of every ABI, in `run` and in `serve`.

mod table;

use isyswasfa_tests::probe::{Probed, With, keys, probe};
use isyswasfa_tests::{Backend, program};
use std::collections::BTreeSet;
use table::{Check, KEYS, Key};

/// A key cannot be forgotten: those that the program lists are those of the table.
#[test]
fn every_key_has_a_test() {
    let tested: BTreeSet<String> = KEYS
        .iter()
        .map(|key| format!("{} {}", key.option, key.name))
        .collect();
    for command in ["run", "serve"] {
        let mut listed = BTreeSet::new();
        for option in ["-S", "-W", "-C", "-O"] {
            let keys = keys(command, option);
            assert!(!keys.is_empty(), "`{command} {option} help` lists nothing");
            listed.extend(keys.into_iter().map(|key| format!("{option} {key}")));
        }
        assert_eq!(listed, tested, "{command}");
    }
}

#[test]
fn help_is_on_stdout_and_tells_what_holds_for_the_command() {
    let help = |command: &str, option: &str| {
        let output = std::process::Command::new(program("polyfill-host"))
            .args([command, option, "help"])
            .output()
            .unwrap();
        let stdout = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success(), "{stdout}");
        assert!(
            output.stderr.is_empty(),
            "{output:?}",
            output = output.stderr
        );
        assert!(
            stdout.starts_with(&format!("Options for {option}:\n")),
            "{stdout}"
        );
        assert!(!stdout.contains("error"), "{stdout}");
        stdout
    };
    let tells = |help: &str, key: &str, default: &str| {
        let line = help.lines().find(|line| line.contains(key)).unwrap();
        assert!(line.ends_with(&format!("[default: {default}]")), "{line}");
    };
    let (run, serve) = (help("run", "-S"), help("serve", "-S"));
    tells(&run, "inherit-stdin", "y");
    tells(&serve, "inherit-stdin", "n");
    tells(
        &run,
        "inherit-stdout",
        "as it comes; to a terminal with control characters escaped",
    );
    tells(
        &serve,
        "inherit-stdout",
        "in lines with a prefix, control characters escaped",
    );
    tells(&serve, "max-host-memory", "128M");
    let (run, serve) = (help("run", "-W"), help("serve", "-W"));
    tells(&run, "timeout", "none");
    tells(&serve, "timeout", "10m");
    let (run, serve) = (help("run", "-O"), help("serve", "-O"));
    tells(&run, "-O pooling-allocator", "n");
    tells(
        &serve,
        "-O pooling-allocator",
        "if the system gives the address space",
    );
    help("run", "-C");
    help("serve", "-C");
}

/// Whether a key shows; else what came instead.
async fn check(key: &Key, backend: Backend, with: With) -> Result<(), Probed> {
    let tried = async |value: &str, what: &str, n: usize| {
        let option = format!("{}={value}", key.name);
        let mut options = key.beside.to_vec();
        options.extend([key.option, &option]);
        probe(backend, with, &options, what, n).await
    };
    let says = |came: Probed, wanted: &str| match &came {
        Probed::Said(text) if text.contains(wanted) => Ok(()),
        _ => Err(came),
    };
    match key.check {
        Check::Differs {
            without,
            value,
            probe: (what, n),
            says: wanted,
        } => {
            says(probe(backend, with, key.beside, what, n).await, without)?;
            says(tried(value, what, n).await, wanted)
        }
        Check::Ends {
            value,
            probe: (what, n),
            says: wanted,
        } => {
            says(probe(backend, with, key.beside, what, n).await, "")?;
            match tried(value, what, n).await {
                Probed::Ended(text) if text.contains(wanted) => Ok(()),
                came => Err(came),
            }
        }
        Check::Refused {
            value,
            says: wanted,
        } => match tried(value, "environment", 0).await {
            Probed::Refused(text) if text.contains(wanted) => Ok(()),
            came => Err(came),
        },
        Check::Unseen { values } => {
            for value in values {
                says(tried(value, "environment", 0).await, "")?;
            }
            Ok(())
        }
    }
}

async fn check_all(backend: Backend, with: With) {
    let mut failed = String::new();
    for key in KEYS.iter().filter(|key| key.on.contains(&(backend, with))) {
        if let Err(came) = check(key, backend, with).await {
            failed += &format!("{} {}: {came:?}\n", key.option, key.name);
        }
    }
    assert!(failed.is_empty(), "{backend:?}, {with:?}:\n{failed}");
}

isyswasfa_tests::on_every_backend! {
    async fn each_key_reaches_what_is_run(backend) {
        check_all(backend, With::Run).await;
    }

    async fn each_key_reaches_what_is_served(backend) {
        check_all(backend, With::Serve).await;
    }
}

/// What a key concerns is never less than its table says.
#[test]
fn a_key_concerns_something() {
    for key in KEYS {
        assert!(!key.on.is_empty(), "{}", key.name);
    }
}
