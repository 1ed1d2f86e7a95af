//! A server under test: `polyfill-host serve` or `wasmtime serve`.

use crate::process;
use anyhow::{Context, Result, bail};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How to start a server.
#[derive(Clone)]
pub struct Serve {
    pub program: PathBuf,
    pub component: PathBuf,
    pub options: Vec<String>,
    pub environment: Vec<(&'static str, PathBuf)>,
}

impl Serve {
    pub fn new(program: PathBuf, component: PathBuf) -> Self {
        Self {
            program,
            component,
            options: vec![],
            environment: vec![],
        }
    }

    pub fn with(mut self, options: &[&str]) -> Self {
        self.options.extend(options.iter().map(|it| (*it).into()));
        self
    }

    /// Starts it, and waits for the URL that both servers print.
    pub fn start(&self) -> Result<Server> {
        let mut command = Command::new(&self.program);
        command
            .args(["serve", "--addr", "127.0.0.1:0"])
            .args(&self.options)
            .arg(&self.component)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let shown = process::shown(&command);
        let mut child = command
            .spawn()
            .with_context(|| format!("failed to start `{shown}`"))?;
        // wasmtime prints it on stderr, we on stdout. Both are read to the end, so that no server blocks on a full pipe.
        let (sender, urls) = std::sync::mpsc::channel();
        let watch = |pipe: Box<dyn Read + Send>| {
            let sender = sender.clone();
            std::thread::spawn(move || {
                for line in BufReader::new(pipe).lines().map_while(Result::ok) {
                    if let Some((_, rest)) = line.split_once("http://127.0.0.1:") {
                        let digits: String =
                            rest.chars().take_while(char::is_ascii_digit).collect();
                        // Nobody listens any more after the first.
                        let _ = sender.send(digits.parse::<u16>());
                    }
                }
            });
        };
        watch(Box::new(child.stdout.take().context("no stdout")?));
        watch(Box::new(child.stderr.take().context("no stderr")?));
        match urls.recv_timeout(Duration::from_secs(60)) {
            Ok(Ok(port)) => Ok(Server { child, port }),
            _ => {
                let _ = child.kill();
                bail!("`{shown}` did not say where it serves")
            }
        }
    }
}

/// A running server, ended when dropped.
pub struct Server {
    child: Child,
    port: u16,
}

impl Server {
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Gets `/` once; anything but 200 is an error.
    pub fn get(&self) -> Result<()> {
        let address = self.address();
        let mut socket = TcpStream::connect(&address)?;
        write!(
            socket,
            "GET / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"
        )?;
        let mut answer = vec![];
        socket.read_to_end(&mut answer)?;
        if !answer.starts_with(b"HTTP/1.1 200") {
            bail!(
                "expected an answer, found `{}`",
                String::from_utf8_lossy(&answer)
            );
        }
        Ok(())
    }

    /// A figure of memory in MiB, as Linux calls it: `VmRSS` is what it has now, `VmHWM` the most that it had.
    pub fn memory(&self, name: &str) -> Result<f64> {
        let path = format!("/proc/{}/status", self.child.id());
        let status =
            std::fs::read_to_string(&path).with_context(|| format!("failed to read `{path}`"))?;
        let kibibytes = status.lines().find_map(|line| {
            let line = line.strip_prefix(name)?.strip_prefix(':')?;
            line.trim().strip_suffix(" kB")?.parse::<f64>().ok()
        });
        let kibibytes = kibibytes.with_context(|| format!("`{path}` has no `{name}`"))?;
        Ok(kibibytes / 1024.0)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // The process is ours, and may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Milliseconds from a server's start to its first answer.
pub fn first_answer(serve: &Serve) -> Result<f64> {
    let begin = Instant::now();
    serve.start()?.get()?;
    Ok(begin.elapsed().as_secs_f64() * 1000.0)
}
