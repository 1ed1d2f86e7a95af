//! The pager: what is longer than the terminal is shown by `$PAGER` or `less`, as git does.

use anyhow::{Context, Result};
use std::env;
use std::io::{ErrorKind, IsTerminal, Write, stdout};
use std::process::{Command, Stdio};

/// Writes the text to the standard output; on a terminal through the pager.
pub fn show(text: &str) -> Result<()> {
    if text.is_empty() {
        return Ok(());
    }
    match program().filter(|_| stdout().is_terminal()) {
        Some(program) => page(&program, text),
        None => Ok(anstream::stdout().write_all(text.as_bytes())?),
    }
}

/// The pager's command line. `None`: there shall be no pager.
fn program() -> Option<String> {
    let named = ["ISYSWASFA_PAGER", "PAGER"];
    let program = named.iter().find_map(|name| env::var(name).ok());
    let program = program.unwrap_or_else(|| "less".to_owned());
    (!["", "cat"].contains(&program.trim())).then_some(program)
}

fn page(program: &str, text: &str) -> Result<()> {
    let mut command = if cfg!(windows) {
        Command::new(program)
    } else {
        let mut shell = Command::new("sh");
        shell.args(["-c", program]);
        shell
    };
    // Quits if all fits on the terminal, shows colours, and leaves the text there.
    if env::var_os("LESS").is_none() {
        command.env("LESS", "FRX");
    }
    if env::var_os("LV").is_none() {
        command.env("LV", "-c");
    }
    let choice = anstream::AutoStream::choice(&stdout());
    let mut plain = anstream::AutoStream::new(Vec::new(), choice);
    plain.write_all(text.as_bytes())?;
    let text = plain.into_inner();
    let started = command.stdin(Stdio::piped()).spawn();
    let mut pager = match started {
        Ok(pager) => pager,
        // Without a shell or a pager it is as without one.
        Err(error) if error.kind() == ErrorKind::NotFound => {
            return Ok(stdout().write_all(&text)?);
        }
        Err(error) => {
            return Err(error).with_context(|| format!("failed to start the pager `{program}`"));
        }
    };
    if let Some(mut input) = pager.stdin.take() {
        // Whoever leaves the pager has seen enough.
        match input.write_all(&text) {
            Err(error) if error.kind() != ErrorKind::BrokenPipe => return Err(error.into()),
            _ => {}
        }
    }
    let status = pager.wait()?;
    // What the shell says of a program that is not there.
    if status.code() == Some(127) {
        stdout().write_all(&text)?;
    }
    Ok(())
}
