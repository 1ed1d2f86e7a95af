//! The row `http-hello`: two servers in turns under the same load, made by `wrk`.

use super::row::Row;
use crate::process;
use crate::project::Project;
use crate::tools::{self, WASMTIME};
use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// How often the servers take turns; the median counts.
pub const ROUNDS: usize = 3;

pub fn row(project: &Project, ours: &Path, native: &Path, duration: Duration) -> Result<Row> {
    let host = project.target.join("release").join("polyfill-host");
    let (mut our_server, mut native_server) = (
        Command::new(host),
        Command::new(WASMTIME.find_or_build(project)?),
    );
    for (server, component) in [(&mut our_server, ours), (&mut native_server, native)] {
        server
            .args(["serve", "--addr", "127.0.0.1:0"])
            .arg(component);
    }
    let (ours, native) = in_turns(&mut our_server, &mut native_server, |server| {
        load(server, duration)
    })?;
    Ok(Row::new("http-hello", "requests/s", ours, native, "≥ 1.25"))
}

/// The medians of `measure` for both servers, which take turns.
pub fn in_turns(
    ours: &mut Command,
    native: &mut Command,
    measure: impl Fn(&Server) -> Result<f64>,
) -> Result<(f64, f64)> {
    let (mut our_rates, mut native_rates) = (vec![], vec![]);
    for _ in 0..ROUNDS {
        our_rates.push(measure(&Server::start(ours)?)?);
        native_rates.push(measure(&Server::start(native)?)?);
    }
    Ok((median(our_rates), median(native_rates)))
}

pub fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

/// A server, ended when dropped.
pub struct Server {
    child: Child,
    url: String,
}

impl Server {
    /// Starts `command` and waits for the URL that both servers print.
    fn start(command: &mut Command) -> Result<Server> {
        let shown = process::shown(command);
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("failed to start `{shown}`"))?;
        // wasmtime prints it on stderr, we on stdout. Both are read to the end, so that no server blocks on a full pipe.
        let (sender, urls) = std::sync::mpsc::channel();
        let watch = |pipe: Box<dyn std::io::Read + Send>| {
            let sender = sender.clone();
            std::thread::spawn(move || {
                for line in BufReader::new(pipe).lines().map_while(Result::ok) {
                    if let Some(at) = line.find("http://127.0.0.1:") {
                        let url = line[at..].split_whitespace().next().unwrap_or_default();
                        // Nobody listens any more after the first.
                        let _ = sender.send(url.trim_end_matches('/').to_owned());
                    }
                }
            });
        };
        watch(Box::new(child.stdout.take().context("no stdout")?));
        watch(Box::new(child.stderr.take().context("no stderr")?));
        match urls.recv_timeout(Duration::from_secs(60)) {
            Ok(url) => Ok(Server { child, url }),
            Err(_) => {
                let _ = child.kill();
                bail!("`{shown}` did not say where it serves")
            }
        }
    }
}

impl Server {
    /// Host and port.
    pub fn address(&self) -> &str {
        self.url.trim_start_matches("http://")
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The process is ours, and may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Requests a second; a single answer that isn't 2xx is an error.
pub fn load(server: &Server, duration: Duration) -> Result<f64> {
    let wrk = tools::find_or_install("wrk", "wrk")?;
    let run = |seconds: u64| {
        process::output(
            Command::new(&wrk)
                .args(["-t1", "-c32", &format!("-d{seconds}s")])
                .arg(format!("{}/", server.url)),
        )
    };
    run(1)?;
    let report = run(duration.as_secs())?;
    if report.contains("Non-2xx") || report.contains("Socket errors") {
        bail!("requests failed:\n{report}");
    }
    report
        .lines()
        .find_map(|line| line.strip_prefix("Requests/sec:")?.trim().parse().ok())
        .with_context(|| format!("failed to understand what wrk said:\n{report}"))
}
