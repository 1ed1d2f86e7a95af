//! A small shell: commands are functions in a table, and closures in a map.

use std::collections::BTreeMap;
use wasip2::cli::environment::get_arguments;
use wasip2::cli::stdin::get_stdin;
use wasip2::cli::stdout::get_stdout;
use wasip2::clocks::monotonic_clock::{self, Duration};
use wasip2::filesystem::preopens::get_directories;
use wasip2::filesystem::types::{Descriptor, DescriptorFlags, OpenFlags, PathFlags};
use wasip2::io::streams::{InputStream, OutputStream};

struct Session {
    input: InputStream,
    output: OutputStream,
    root: Option<Descriptor>,
    variables: BTreeMap<String, String>,
}

type Outcome = Result<bool, String>;
type Action = fn(&mut Session, &[&str]) -> Outcome;

const TABLE: &[(&str, Action)] = &[
    ("echo", echo),
    ("sleep", sleep),
    ("cat", cat),
    ("set", set),
    ("exit", |_, _| Ok(false)),
];

impl Session {
    fn new() -> Self {
        Session {
            input: get_stdin(),
            output: get_stdout(),
            root: get_directories().into_iter().next().map(|(root, _)| root),
            variables: BTreeMap::new(),
        }
    }

    fn print(&self, text: impl AsRef<str>) -> Result<(), String> {
        let bytes = text.as_ref().as_bytes();
        self.output.blocking_write_and_flush(bytes).map_err(|error| format!("{error:?}"))
    }

    fn line(&mut self) -> Option<String> {
        let mut line = Vec::new();
        loop {
            let byte = self.input.blocking_read(1).ok()?;
            match byte.first() {
                Some(b'\n') => break String::from_utf8(line).ok(),
                Some(other) => line.push(*other),
                None => continue,
            }
        }
    }

    fn execute(&mut self, line: &str) -> Outcome {
        let words: Vec<&str> = line.split_whitespace().collect();
        let Some((name, arguments)) = words.split_first() else {
            return Ok(true);
        };
        for (known, action) in TABLE {
            if known == name {
                return action(self, arguments);
            }
        }
        Err(format!("there is no `{name}`"))
    }
}

fn echo(session: &mut Session, words: &[&str]) -> Outcome {
    let words: Vec<_> = words
        .iter()
        .map(|word| session.variables.get(*word).cloned().unwrap_or_else(|| word.to_string()))
        .collect();
    session.print(words.join(" ") + "\n")?;
    Ok(true)
}

fn sleep(_: &mut Session, words: &[&str]) -> Outcome {
    let duration: Duration = words.first().and_then(|word| word.parse().ok()).ok_or("how long?")?;
    monotonic_clock::subscribe_duration(duration).block();
    Ok(true)
}

fn set(session: &mut Session, words: &[&str]) -> Outcome {
    if let [name, value] = words {
        session.variables.insert(name.to_string(), value.to_string());
    }
    Ok(true)
}

fn cat(session: &mut Session, words: &[&str]) -> Outcome {
    let root = session.root.as_ref().ok_or("there is no directory")?;
    for name in words {
        let file = root
            .open_at(PathFlags::SYMLINK_FOLLOW, name, OpenFlags::empty(), DescriptorFlags::READ)
            .map_err(|code| format!("{name}: {code:?}"))?;
        let mut at = 0;
        loop {
            let (bytes, is_end) = file.read(4096, at).map_err(|code| format!("{name}: {code:?}"))?;
            at += bytes.len() as u64;
            session.print(String::from_utf8_lossy(&bytes))?;
            if is_end {
                break;
            }
        }
    }
    Ok(true)
}

fn main() {
    let mut session = Session::new();
    let given = get_arguments();
    if let Some(line) = given.get(1) {
        let outcome = session.execute(line);
        assert!(outcome.is_ok(), "{outcome:?}");
        return;
    }
    while let Some(line) = session.line() {
        match session.execute(&line) {
            Ok(true) => {}
            Ok(false) => break,
            Err(message) => {
                let _ = session.print(message + "\n");
            }
        }
    }
}
