//! The rows `lowered-…`: lowered components beside hand-written ones of WASI 0.2, both served by `wasmtime serve` without its
//! support for 0.3.

use super::http::{composed, measure};
use super::load::Load;
use super::row::{Row, Spec};
use super::server::Serve;
use super::sides::{Samples, Sides, in_turns};
use super::{Bench, rows};
use crate::guest::Backend;
use crate::process;
use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

/// How many MiB are echoed.
const MEBIBYTES: usize = 256;

/// Lowers a component into the folder of this run.
pub fn lower(bench: &Bench, component: &Path) -> Result<PathBuf> {
    let name = component.file_stem().context("the component has no name")?;
    let kind = component.parent().and_then(Path::file_name);
    let kind = kind.unwrap_or_default().to_string_lossy();
    let name = format!("{}.{kind}.lowered.wasm", name.to_string_lossy());
    let lowered = bench.folder.join(name);
    process::run(
        Command::new(bench.host())
            .arg("lower")
            .arg(component)
            .arg("-o")
            .arg(&lowered),
    )?;
    Ok(lowered)
}

/// How a host of WASI 0.2 serves it.
pub fn serve(bench: &Bench, component: PathBuf) -> Result<Serve> {
    let options = ["-W", "component-model-async=n", "-S", "cli"];
    Ok(Serve::new(bench.wasmtime()?, component).with(&options))
}

/// A lowered component, and a hand-written one that does the same.
fn pair(bench: &Bench, split: &Path, by_hand: PathBuf) -> Result<Sides<Serve>> {
    Ok(Sides::pair(
        serve(bench, lower(bench, split)?)?,
        serve(bench, by_hand)?,
    ))
}

/// Responses of a few bytes, and what lowering adds in size.
pub fn hello(bench: &Bench, specs: &[Spec]) -> Result<Vec<Row>> {
    let split = bench.component("bench-hello", Backend::Isyswasfa);
    let by_hand = bench.component("bench-hello-wasi-0-2", Backend::Isyswasfa);
    let sides = pair(bench, &split, by_hand)?;
    let [rate, p99] = measure(bench, &sides, &Load::new(bench.seconds()))?;
    let sizes = sizes(&sides.ours.component, &split)?;
    Ok(rows(specs, [rate, p99, sizes]))
}

/// A long body that is sent back while it arrives.
pub fn echo(bench: &Bench, specs: &[Spec]) -> Result<Vec<Row>> {
    let split = bench.component("echo", Backend::Isyswasfa);
    let by_hand = bench.component("bench-echo-wasi-0-2", Backend::Isyswasfa);
    let sides = pair(bench, &split, by_hand)?;
    let measured = in_turns(bench.rounds(), &sides, |serve| {
        Ok([send_and_receive(&serve.start()?.address())?])
    })?;
    Ok(rows(specs, measured))
}

/// A composition of three components.
pub fn chain(bench: &Bench, specs: &[Spec]) -> Result<Vec<Row>> {
    let ours = composed(
        bench,
        "bench-front",
        &["bench-relay", "bench-callee"],
        Backend::Isyswasfa,
    )?;
    let by_hand = composed(
        bench,
        "bench-front-wasi-0-2",
        &["bench-relay-wasi-0-2", "bench-callee-wasi-0-2"],
        Backend::Isyswasfa,
    )?;
    let sides = pair(bench, &ours, by_hand)?;
    let measured = measure(bench, &sides, &Load::new(bench.seconds()))?;
    Ok(rows(specs, measured))
}

/// The sizes of two files in KiB.
pub fn sizes(ours: &Path, native: &Path) -> Result<Samples> {
    let size = |path: &Path| -> Result<Vec<f64>> {
        let metadata = std::fs::metadata(path);
        let metadata = metadata.with_context(|| format!("failed to read `{}`", path.display()))?;
        Ok(vec![metadata.len() as f64 / 1024.0])
    };
    Ok(Sides::pair(size(ours)?, size(native)?))
}

/// Gigabytes a second.
fn send_and_receive(address: &str) -> Result<f64> {
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
