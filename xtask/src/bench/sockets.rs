//! The rows `tcp-…`: a TCP server that sends back what it receives, run by both hosts in turns.

use super::files::{Run, commands};
use super::row::{Row, Spec};
use super::sides::in_turns;
use super::{Bench, rows};
use crate::process;
use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::{Command, Stdio};
use std::time::Instant;

/// How many MiB are echoed.
const MEBIBYTES: usize = 256;
/// How many small connections there are, how many of them at once, and what each sends.
const CONNECTIONS: usize = 1000;
const AT_ONCE: usize = 250;
const SMALL: usize = 1 << 10;

/// Sends much and receives it, at the same time.
pub fn echo(bench: &Bench, specs: &[Spec]) -> Result<Vec<Row>> {
    let sides = commands(bench, "tcp-echo")?;
    let measured = in_turns(bench.rounds(), &sides, |run| {
        Ok([with_server(run, 1, stream)?])
    })?;
    Ok(rows(specs, measured))
}

/// Sends little over many connections.
pub fn connections(bench: &Bench, specs: &[Spec]) -> Result<Vec<Row>> {
    let sides = commands(bench, "tcp-echo")?;
    let measured = in_turns(bench.many_rounds(), &sides, |run| {
        Ok([with_server(run, CONNECTIONS, many)?])
    })?;
    Ok(rows(specs, measured))
}

/// What `talk` measures with the server, which ends after so many connections.
fn with_server(
    (host, component): &Run,
    connections: usize,
    talk: fn(&str) -> Result<f64>,
) -> Result<f64> {
    let mut command = Command::new(host);
    command
        .args(["run", "-S", "inherit-network"])
        .arg(component)
        .arg(connections.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit());
    let shown = process::shown(&command);
    let mut server = command
        .spawn()
        .with_context(|| format!("failed to start `{shown}`"))?;
    let mut address = String::new();
    let stdout = server.stdout.take().context("no stdout")?;
    BufReader::new(stdout).read_line(&mut address)?;
    let rate =
        talk(address.trim()).with_context(|| format!("failed to talk to `{shown}` at `{address}`"));
    if rate.is_err() {
        server.kill()?;
    }
    let status = server.wait()?;
    match rate {
        Ok(rate) if status.success() => Ok(rate),
        Ok(_) => bail!("`{shown}` failed: {status}"),
        Err(error) => Err(error),
    }
}

/// Gigabytes a second over one connection.
fn stream(address: &str) -> Result<f64> {
    let begin = Instant::now();
    let mut socket = TcpStream::connect(address)?;
    let mut writer = socket.try_clone()?;
    let sender = std::thread::spawn(move || {
        let piece = vec![b'x'; 1 << 20];
        for _ in 0..MEBIBYTES {
            writer.write_all(&piece)?;
        }
        writer.shutdown(Shutdown::Write)
    });
    let mut piece = vec![0; 1 << 20];
    let mut received = 0;
    loop {
        match socket.read(&mut piece)? {
            0 => break,
            count => received += count,
        }
    }
    match sender.join() {
        Ok(sent) => sent?,
        Err(_) => bail!("the sender panicked"),
    }
    if received != MEBIBYTES << 20 {
        bail!("{received} bytes came back of {}", MEBIBYTES << 20);
    }
    Ok(received as f64 / begin.elapsed().as_nanos() as f64)
}

/// Small connections a second.
fn many(address: &str) -> Result<f64> {
    let begin = Instant::now();
    let sent = [b'x'; SMALL];
    for _ in 0..CONNECTIONS / AT_ONCE {
        let mut sockets = vec![];
        for _ in 0..AT_ONCE {
            let mut socket = TcpStream::connect(address)?;
            socket.write_all(&sent)?;
            sockets.push(socket);
        }
        for socket in &mut sockets {
            let mut received = vec![];
            socket.shutdown(Shutdown::Write)?;
            socket.read_to_end(&mut received)?;
            if received != sent {
                bail!("{} bytes came back of {SMALL}", received.len());
            }
        }
    }
    Ok(CONNECTIONS as f64 / begin.elapsed().as_secs_f64())
}
