//! Load on a server, made by `wrk`.

use super::server::Server;
use crate::process;
use anyhow::{Context, Result, bail};
use std::path::PathBuf;
use std::process::Command;

pub struct Load {
    pub connections: u32,
    pub seconds: u32,
    /// A request as it is sent, but for its first line and `Host`; `None`: `GET /`.
    pub script: Option<PathBuf>,
}

/// What `wrk` measured.
pub struct Answered {
    /// Requests a second.
    pub rate: f64,
    /// The time that one request in a hundred takes longer than, in milliseconds.
    pub p99: f64,
}

impl Load {
    pub fn new(seconds: u32) -> Self {
        Self {
            connections: 32,
            seconds,
            script: None,
        }
    }

    /// A single answer that isn't 2xx is an error, and so is a lost connection.
    pub fn run(&self, server: &Server) -> Result<Answered> {
        let report = self.wrk(server, self.seconds)?;
        if report.contains("Non-2xx") || report.contains("Socket errors") {
            bail!("requests failed:\n{report}");
        }
        let rate = report.lines().find_map(|line| {
            let rate = line.trim().strip_prefix("Requests/sec:")?;
            rate.trim().parse().ok()
        });
        let p99 = report.lines().find_map(|line| {
            let time = line.trim().strip_prefix("99%")?;
            milliseconds(time.trim())
        });
        match (rate, p99) {
            (Some(rate), Some(p99)) => Ok(Answered { rate, p99 }),
            _ => bail!("failed to understand what wrk said:\n{report}"),
        }
    }

    /// A second of it that is not measured.
    pub fn warm(&self, server: &Server) -> Result<()> {
        self.wrk(server, 1).map(drop)
    }

    fn wrk(&self, server: &Server, seconds: u32) -> Result<String> {
        let wrk = process::find("wrk").context("there is no `wrk`")?;
        let mut command = Command::new(wrk);
        command
            .args(["-t1", "--latency", "--timeout", "60s"])
            .arg(format!("-c{}", self.connections))
            .arg(format!("-d{seconds}s"));
        if let Some(script) = &self.script {
            command.arg("-s").arg(script);
        }
        process::output(command.arg(format!("http://{}/", server.address())))
    }
}

/// A time as `wrk` prints it.
fn milliseconds(text: &str) -> Option<f64> {
    let units = [("us", 0.001), ("ms", 1.0), ("s", 1000.0), ("m", 60_000.0)];
    units.iter().find_map(|(unit, factor)| {
        let number: f64 = text.strip_suffix(unit)?.parse().ok()?;
        Some(number * factor)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        assert_eq!(milliseconds("850.00us"), Some(0.85));
        assert_eq!(milliseconds("1.50ms"), Some(1.5));
        assert_eq!(milliseconds("2.00s"), Some(2000.0));
        assert_eq!(milliseconds("none"), None);
    }
}
