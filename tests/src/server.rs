//! The server under test: `polyfill-host serve`, a process of its own.

use crate::guest::program;
use crate::{COMPILING, DEADLINE, within, within_time};
use std::io::{Seek, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::watch;

/// A running server; dropping it kills it.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
    /// The ABI that it says it serves the component through.
    pub abi: String,
    log: Log,
}

/// The server's output on stdout and stderr, line by line.
#[derive(Clone)]
struct Log {
    lines: Arc<Mutex<Vec<String>>>,
    changed: Arc<watch::Sender<()>>,
}

impl Server {
    /// Serves `component` on a free port, with further `arguments`.
    pub async fn start(component: &Path, arguments: &[&str]) -> Self {
        Self::start_with(component, arguments, &[]).await
    }

    /// [`Server::start`] of a component that takes long to compile.
    pub async fn start_slowly(component: &Path) -> Self {
        let command = Command::new(program("polyfill-host"));
        match Self::spawn(command, component, &[], Stdio::null(), COMPILING).await {
            Ok(server) => server,
            Err(said) => panic!("the server did not start: {said}"),
        }
    }

    /// [`Server::start`] with environment variables.
    pub async fn start_with(component: &Path, arguments: &[&str], env: &[(&str, &str)]) -> Self {
        let mut command = Command::new(program("polyfill-host"));
        command.envs(env.iter().copied());
        match Self::spawn(command, component, arguments, Stdio::null(), DEADLINE).await {
            Ok(server) => server,
            Err(said) => panic!("the server did not start: {said}"),
        }
    }

    /// [`Server::start`] with this on stdin. The error is the server's output, if it does not start.
    pub async fn try_start(
        component: &Path,
        arguments: &[&str],
        stdin: &[u8],
    ) -> Result<Self, String> {
        let mut input = tempfile::tempfile().expect("a file");
        input.write_all(stdin).expect("room in the file");
        input.rewind().expect("its beginning");
        let command = Command::new(program("polyfill-host"));
        Self::spawn(command, component, arguments, input.into(), DEADLINE).await
    }

    /// [`Server::start`] with this many bytes of address space.
    pub async fn start_within(component: &Path, address_space: u64) -> Self {
        let mut command = Command::new("sh");
        let limit = format!("ulimit -v {} && exec \"$@\"", address_space >> 10);
        command
            .args(["-c", &limit, "sh"])
            .arg(program("polyfill-host"));
        match Self::spawn(command, component, &[], Stdio::null(), DEADLINE).await {
            Ok(server) => server,
            Err(said) => panic!("the server did not start: {said}"),
        }
    }

    async fn spawn(
        mut command: Command,
        component: &Path,
        arguments: &[&str],
        stdin: Stdio,
        limit: Duration,
    ) -> Result<Self, String> {
        let mut child = command
            .args(["serve", "--addr", "127.0.0.1:0", "--format", "json"])
            .args(arguments)
            .arg(component)
            .stdin(stdin)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the server starts");
        let log = Log {
            lines: Arc::default(),
            changed: Arc::new(watch::channel(()).0),
        };
        let followed = tokio::spawn(log.clone().follow(child.stderr.take().expect("its stderr")));
        let mut stdout = BufReader::new(child.stdout.take().expect("its stdout")).lines();
        let first = within_time(limit, "the server's first line", stdout.next_line()).await;
        let Ok(Some(first)) = first else {
            within("the end of its stderr", followed)
                .await
                .expect("it is read");
            return Err(log.text());
        };
        tokio::spawn(log.clone().follow(stdout.into_inner()));
        Ok(Self {
            child,
            address: address(&first),
            abi: started(&first, "abi"),
            log,
        })
    }

    /// `http://ADDRESS` and `path`.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// Waits for a line of the server's output that contains `text`, and returns it.
    pub async fn logged(&self, text: &str) -> String {
        let mut changed = self.log.changed.subscribe();
        let line = async {
            loop {
                let found = self
                    .log
                    .lines
                    .lock()
                    .unwrap()
                    .iter()
                    .find(|line| line.contains(text))
                    .cloned();
                match found {
                    Some(line) => return line,
                    None => changed.changed().await.expect("we hold the sender"),
                }
            }
        };
        match tokio::time::timeout(DEADLINE, line).await {
            Ok(line) => line,
            Err(_) => panic!(
                "`{text}` is not in the server's output:\n{}",
                self.log.text()
            ),
        }
    }

    /// All output so far.
    pub fn log(&self) -> String {
        self.log.text()
    }

    /// Bytes of memory that the process has resident.
    pub fn resident(&self) -> u64 {
        self.memory("VmRSS:")
    }

    /// The most bytes of memory that the process has had resident.
    pub fn most_resident(&self) -> u64 {
        self.memory("VmHWM:")
    }

    fn memory(&self, which: &str) -> u64 {
        let status = self.proc("status");
        let line = status
            .lines()
            .find_map(|line| line.strip_prefix(which))
            .expect("a line for it");
        let kilobytes = line
            .trim()
            .trim_end_matches(" kB")
            .parse::<u64>()
            .expect("a number of kB");
        kilobytes * 1024
    }

    /// Sockets that the process has open.
    pub fn sockets(&self) -> usize {
        let folder = format!("/proc/{}/fd", self.pid());
        let files = std::fs::read_dir(&folder)
            .expect("the server runs")
            .flatten();
        files
            .filter_map(|file| std::fs::read_link(file.path()).ok())
            .filter(|link| link.to_string_lossy().starts_with("socket:"))
            .count()
    }

    /// Asks it to stop (`SIGTERM`) and waits until it has.
    pub async fn stop(mut self) -> (ExitStatus, String) {
        self.signal("TERM");
        let status = within("the server's end", self.child.wait())
            .await
            .expect("its status");
        (status, self.log.text())
    }

    /// Sends the process a signal.
    pub fn signal(&self, name: &str) {
        let sent = std::process::Command::new("kill")
            .args(["-s", name, &self.pid().to_string()])
            .status();
        assert!(
            sent.is_ok_and(|status| status.success()),
            "`kill -s {name}` failed"
        );
    }

    fn pid(&self) -> u32 {
        self.child.id().expect("the server runs")
    }

    fn proc(&self, file: &str) -> String {
        std::fs::read_to_string(format!("/proc/{}/{file}", self.pid())).expect("the server runs")
    }
}

impl Log {
    async fn follow(self, stream: impl AsyncRead + Unpin) {
        let mut lines = BufReader::new(stream).lines();
        while let Ok(Some(line)) = lines.next_line().await {
            self.lines.lock().unwrap().push(line);
            self.changed.send_replace(());
        }
    }

    fn text(&self) -> String {
        self.lines.lock().unwrap().join("\n")
    }
}

/// The address in the start-up line.
fn address(line: &str) -> SocketAddr {
    let address = started(line, "addresses/0");
    address
        .parse()
        .unwrap_or_else(|error| panic!("`{address}` is no address: {error}"))
}

/// What the start-up line says there.
fn started(line: &str, path: &str) -> String {
    let json: serde_json::Value =
        serde_json::from_str(line).unwrap_or_else(|error| panic!("`{line}` is no JSON: {error}"));
    let text = json.pointer(&format!("/{path}")).and_then(|it| it.as_str());
    text.unwrap_or_else(|| panic!("no {path} in `{line}`"))
        .to_owned()
}
