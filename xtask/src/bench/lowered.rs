//! The rows `lowered-…`: lowered components beside hand-written ones of WASI 0.2, both served by `wasmtime serve` without its
//! support for 0.3.

use super::http::{Server, in_turns, load};
use super::row::Row;
use crate::process;
use crate::project::Project;
use crate::tools::WASMTIME;
use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

/// How many MiB are echoed.
const MEBIBYTES: usize = 256;

/// A lowered component, and a hand-written one that does the same.
pub struct Pair {
    split: PathBuf,
    lowered: PathBuf,
    by_hand: PathBuf,
}

impl Pair {
    /// Lowers `split` into `folder`.
    pub fn new(project: &Project, folder: &Path, split: PathBuf, by_hand: PathBuf) -> Result<Pair> {
        let name = split.file_stem().context("the component has no name")?;
        let lowered = folder.join(name).with_extension("lowered.wasm");
        std::fs::create_dir_all(folder)
            .with_context(|| format!("failed to make `{}`", folder.display()))?;
        process::run(
            Command::new(project.target.join("release").join("polyfill-host"))
                .arg("lower")
                .arg(&split)
                .arg("-o")
                .arg(&lowered),
        )?;
        Ok(Pair {
            split,
            lowered,
            by_hand,
        })
    }

    fn in_turns(
        &self,
        project: &Project,
        measure: impl Fn(&Server) -> Result<f64>,
    ) -> Result<(f64, f64)> {
        let wasmtime = WASMTIME.find_or_build(project)?;
        let serve = |component: &Path| {
            let mut command = Command::new(&wasmtime);
            command
                .args(["serve", "--addr", "127.0.0.1:0"])
                .args(["-W", "component-model-async=n", "-S", "cli"])
                .arg(component);
            command
        };
        in_turns(
            &mut serve(&self.lowered),
            &mut serve(&self.by_hand),
            measure,
        )
    }

    /// Measures responses of a few bytes.
    pub fn hello(&self, project: &Project, duration: Duration) -> Result<Row> {
        let (ours, by_hand) = self.in_turns(project, |server| load(server, duration))?;
        Ok(Row::new(
            "lowered-hello",
            "requests/s",
            ours,
            by_hand,
            "≥ 0.7",
        ))
    }

    /// Measures a long body that is sent back while it arrives.
    pub fn echo(&self, project: &Project) -> Result<Row> {
        let (ours, by_hand) = self.in_turns(project, |server| echo(server.address()))?;
        Ok(Row::new("lowered-echo", "GB/s", ours, by_hand, "≥ 0.5"))
    }

    /// The size that lowering adds.
    pub fn size(&self) -> Result<Row> {
        let size = |path: &Path| -> Result<f64> {
            let metadata = std::fs::metadata(path);
            let metadata =
                metadata.with_context(|| format!("failed to read `{}`", path.display()))?;
            Ok(metadata.len() as f64 / 1024.0)
        };
        Ok(Row::new(
            "lowered-size",
            "KiB",
            size(&self.lowered)?,
            size(&self.split)?,
            "ours − native ≤ 400",
        ))
    }
}

/// Gigabytes a second.
fn echo(address: &str) -> Result<f64> {
    let begin = Instant::now();
    let mut socket = TcpStream::connect(address)?;
    write!(
        socket,
        "POST /echo HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        MEBIBYTES << 20
    )?;
    let mut writer = socket.try_clone()?;
    let sender = std::thread::spawn(move || -> std::io::Result<()> {
        let piece = vec![b'x'; 1 << 20];
        for _ in 0..MEBIBYTES {
            writer.write_all(&piece)?;
        }
        Ok(())
    });
    let mut answer = BufReader::with_capacity(1 << 20, &socket);
    let received = body(&mut answer).context("failed to understand the answer");
    if received.is_err() {
        // The sender must not wait for ever.
        socket.shutdown(Shutdown::Both)?;
    }
    let sent = sender.join();
    let received = received?;
    match sent {
        Ok(sent) => sent?,
        Err(_) => bail!("the sender panicked"),
    }
    if received != MEBIBYTES << 20 {
        bail!("{received} bytes came back of {}", MEBIBYTES << 20);
    }
    Ok(received as f64 / begin.elapsed().as_nanos() as f64)
}

/// The length of the body of a chunked answer.
fn body(answer: &mut impl BufRead) -> Result<usize> {
    let mut line = String::new();
    let mut next = |answer: &mut dyn BufRead| -> Result<String> {
        line.clear();
        answer.read_line(&mut line)?;
        Ok(line.trim_end().to_ascii_lowercase())
    };
    let status = next(answer)?;
    if status != "http/1.1 200 ok" {
        bail!("`{status}`");
    }
    let mut is_chunked = false;
    loop {
        match next(answer)?.as_str() {
            "" => break,
            header => is_chunked |= header == "transfer-encoding: chunked",
        }
    }
    if !is_chunked {
        bail!("the body is not in chunks");
    }
    let mut length = 0;
    loop {
        let size = next(answer)?;
        let size = usize::from_str_radix(&size, 16)
            .with_context(|| format!("`{size}` is not the size of a chunk"))?;
        let skipped = std::io::copy(&mut answer.take(size as u64), &mut std::io::sink())?;
        if skipped != size as u64 || !next(answer)?.is_empty() {
            bail!("a chunk is cut short");
        }
        if size == 0 {
            return Ok(length);
        }
        length += size;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_counted() {
        let answer = |chunks: &str| {
            let answer = format!("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n{chunks}");
            body(&mut answer.as_bytes())
        };
        assert_eq!(
            answer("a\r\n0123456789\r\n1\r\nx\r\n0\r\n\r\n").unwrap(),
            11
        );
        assert!(answer("a\r\n01234").is_err());
        assert!(body(&mut "HTTP/1.1 500 Internal Server Error\r\n\r\n".as_bytes()).is_err());
    }
}
