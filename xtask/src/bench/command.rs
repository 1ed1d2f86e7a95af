//! The rows `file-read` and `tcp-echo`: commands, run by us and by `wasmtime run` in turns.

use super::http::{ROUNDS, median};
use super::row::Row;
use crate::process;
use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

/// How many MiB are read or echoed.
const MEBIBYTES: usize = 256;

/// A command that both hosts can run.
pub struct Commands {
    /// `polyfill-host`, and the component for it.
    pub ours: (PathBuf, PathBuf),
    /// `wasmtime`, and the component for it.
    pub native: (PathBuf, PathBuf),
}

impl Commands {
    /// Gigabytes a second on both, in turns.
    fn in_turns(&self, measure: impl Fn(Command, &Path) -> Result<f64>) -> Result<(f64, f64)> {
        let (mut ours, mut native) = (vec![], vec![]);
        for _ in 0..ROUNDS {
            for ((host, component), rates) in [(&self.ours, &mut ours), (&self.native, &mut native)]
            {
                let mut command = Command::new(host);
                command.arg("run").stderr(Stdio::inherit());
                rates.push(measure(command, component)?);
            }
        }
        Ok((median(ours), median(native)))
    }
}

/// Reads a file through `read-via-stream`; the guest takes the time.
pub fn file_read(commands: &Commands, folder: &Path) -> Result<Row> {
    let data = folder.join("data");
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(&data, vec![b'x'; MEBIBYTES << 20]))
        .with_context(|| format!("failed to write `{}`", data.display()))?;
    let rates = commands.in_turns(|mut command, component| {
        let directory = format!("{}::/", folder.display());
        let said = process::output(command.args(["--dir", &directory]).arg(component))?;
        let numbers: Vec<f64> = said
            .split_whitespace()
            .map_while(|n| n.parse().ok())
            .collect();
        match numbers[..] {
            [bytes, nanoseconds] if bytes as usize == MEBIBYTES << 20 => Ok(bytes / nanoseconds),
            _ => bail!("expected bytes and nanoseconds, found:\n{said}"),
        }
    });
    std::fs::remove_file(&data)
        .with_context(|| format!("failed to remove `{}`", data.display()))?;
    let (ours, native) = rates?;
    Ok(Row::new("file-read", "GB/s", ours, native, "-"))
}

/// Sends to a TCP server and receives the echo, at the same time.
pub fn tcp_echo(commands: &Commands) -> Result<Row> {
    let (ours, native) = commands.in_turns(|mut command, component| {
        command
            .args(["-S", "inherit-network"])
            .arg(component)
            .arg("1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        let shown = process::shown(&command);
        let mut server = command
            .spawn()
            .with_context(|| format!("failed to start `{shown}`"))?;
        let mut address = String::new();
        let stdout = server.stdout.take().context("no stdout")?;
        BufReader::new(stdout).read_line(&mut address)?;
        let rate = echo(address.trim())
            .with_context(|| format!("failed to talk to `{shown}` at `{address}`"));
        if rate.is_err() {
            server.kill()?;
        }
        let status = server.wait()?;
        match rate {
            Ok(rate) if status.success() => Ok(rate),
            Ok(_) => bail!("`{shown}` failed: {status}"),
            Err(error) => Err(error),
        }
    })?;
    Ok(Row::new("tcp-echo", "GB/s", ours, native, "-"))
}

fn echo(address: &str) -> Result<f64> {
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
