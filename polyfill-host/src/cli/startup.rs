//! The line that says where the server listens.

use crate::abi::Abi;
use serde::Serialize;
use std::io::{self, Write};
use std::net::SocketAddr;
use std::path::Path;

/// The format of that line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Format {
    /// One line for each address, for people, on stderr
    Text,
    /// One line of JSON, for programs, on stdout
    Json,
}

/// The line for programs.
#[derive(Debug, Serialize)]
struct Ready<'a> {
    /// The component's path as it was given.
    component: &'a str,
    /// `isyswasfa`, `native` or `0.2`.
    abi: &'static str,
    /// `ADDRESS:PORT` of each listener, with the ports that the system chose.
    addresses: Vec<String>,
    /// The same as URLs.
    urls: Vec<String>,
    /// This process's number.
    pid: u32,
}

/// Prints that requests are served from now on.
pub(super) fn announce(
    format: Format,
    component: &Path,
    abi: Abi,
    addresses: &[SocketAddr],
) -> io::Result<()> {
    match format {
        Format::Text => {
            let mut err = io::stderr().lock();
            for address in addresses {
                writeln!(
                    err,
                    "Serving HTTP on {} ({}, {abi})",
                    url(address),
                    component.display()
                )?;
            }
            Ok(())
        }
        Format::Json => {
            let ready = Ready {
                component: &component.to_string_lossy(),
                abi: abi.name(),
                addresses: addresses.iter().map(SocketAddr::to_string).collect(),
                urls: addresses.iter().map(url).collect(),
                pid: std::process::id(),
            };
            let mut out = io::stdout().lock();
            serde_json::to_writer(&mut out, &ready)?;
            out.write_all(b"\n")?;
            out.flush()
        }
    }
}

/// A URL that leads to the listener from this machine.
fn url(address: &SocketAddr) -> String {
    format!("http://{address}/")
}
