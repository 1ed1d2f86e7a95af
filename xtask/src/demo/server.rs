//! The server of the demo: `polyfill-host serve`.

use anyhow::{Context, Result};
use serde::Deserialize;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// A running server; dropping it ends it.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
}

/// The line that it prints when it is ready.
#[derive(Deserialize)]
struct Ready {
    addresses: Vec<SocketAddr>,
}

impl Server {
    /// Serves `component` on a free port.
    pub fn start(host: &Path, component: &Path) -> Result<Self> {
        let mut child = Command::new(host)
            .args(["serve", "--addr", "127.0.0.1:0", "--format", "json"])
            .arg(component)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("failed to start `{}`", host.display()))?;
        let stdout = child.stdout.take().context("no stdout")?;
        let mut line = String::new();
        let address = BufReader::new(stdout)
            .read_line(&mut line)
            .map_err(anyhow::Error::from)
            .and_then(|_| Ok(serde_json::from_str::<Ready>(&line)?))
            .and_then(|ready| ready.addresses.first().copied().context("no address"));
        match address {
            Ok(address) => Ok(Self { child, address }),
            Err(error) => {
                end(&mut child);
                // Its stderr has the reason.
                Err(error.context("the server did not start"))
            }
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

fn end(child: &mut Child) {
    // It may have ended by itself.
    let _ = child.kill();
    let _ = child.wait();
}
