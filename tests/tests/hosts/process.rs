//! A host as a process of its own: it serves until it is dropped, or it ends and has said something.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::Stdio;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::sync::mpsc;

/// What a host may take to compile a component and start, on a machine with much else to do.
const START: Duration = Duration::from_secs(300);

/// A host that serves.
pub struct Serving {
    pub address: SocketAddr,
    lines: Arc<Mutex<Vec<String>>>,
    _group: Group,
}

/// A host that has ended.
pub struct Ended {
    /// None if it was killed.
    pub status: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

/// A process and all that it has started, by its number; dropping it kills them. (`jco` serves in a process of its own.)
struct Group(u32);

impl Serving {
    /// Serves `component`, and waits until somebody listens.
    ///
    /// # Panics
    /// If the host ends instead, with what it has said.
    pub async fn start(serve: fn(&Path, u16) -> Command, component: &Path) -> Self {
        let (mut child, group) = spawn(serve(component, free_port()));
        let lines = Arc::default();
        let (sender, mut addresses) = mpsc::unbounded_channel();
        let stdout = child.stdout.take().expect("its stdout");
        let stderr = child.stderr.take().expect("its stderr");
        tokio::spawn(follow(stdout, Arc::clone(&lines), sender.clone()));
        tokio::spawn(follow(stderr, Arc::clone(&lines), sender));
        let said = || lines.lock().unwrap().join("\n");
        let listens = async {
            let address = addresses.recv().await?;
            // Some say it before they do.
            while TcpStream::connect(address).await.is_err() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            Some(address)
        };
        match tokio::time::timeout(START, listens).await {
            Ok(Some(address)) => Self {
                address,
                lines,
                _group: group,
            },
            Ok(None) => panic!("the host has ended:\n{}", said()),
            Err(_) => panic!("the host does not serve:\n{}", said()),
        }
    }

    /// All that it has said.
    pub fn said(&self) -> String {
        self.lines.lock().unwrap().join("\n")
    }
}

impl Ended {
    /// Waits for the end of the host.
    ///
    /// # Panics
    /// If it does not end.
    pub async fn of(command: Command) -> Self {
        let (child, group) = spawn(command);
        let output = tokio::time::timeout(START, child.wait_with_output()).await;
        drop(group);
        let output = output.expect("the host ends").expect("its output");
        Self {
            status: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        // That there is none of them any more is as good.
        let _ = std::process::Command::new("kill")
            .args(["-s", "KILL", "--", &format!("-{}", self.0)])
            .stderr(Stdio::null())
            .status();
    }
}

fn spawn(mut command: Command) -> (Child, Group) {
    let child = command
        .process_group(0)
        .env_remove("RUST_LOG")
        .env_remove("RUST_BACKTRACE")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{command:?} does not start: {error}"));
    let group = Group(child.id().expect("nobody has waited for it"));
    (child, group)
}

/// Keeps all lines, and sends the addresses in them.
async fn follow(
    stream: impl AsyncRead + Unpin,
    lines: Arc<Mutex<Vec<String>>>,
    addresses: mpsc::UnboundedSender<SocketAddr>,
) {
    let mut stream = BufReader::new(stream).lines();
    while let Ok(Some(line)) = stream.next_line().await {
        if let Some(address) = address(&line) {
            // Whoever wants one takes the first.
            let _ = addresses.send(address);
        }
        lines.lock().unwrap().push(line);
    }
}

/// `127.0.0.1:PORT` somewhere in a line.
fn address(line: &str) -> Option<SocketAddr> {
    let address = &line[line.find("127.0.0.1:")?..];
    let (host, port) = address.split_once(':')?;
    let end = port.find(|c: char| !c.is_ascii_digit());
    let port = port[..end.unwrap_or(port.len())].parse().ok()?;
    Some(SocketAddr::new(host.parse().ok()?, port))
}

/// Nobody's, at the moment: not every host looks for one itself.
fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("its address").port()
}
