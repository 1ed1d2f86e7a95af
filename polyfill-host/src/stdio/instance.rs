//! The output of one instance: the request that it belongs to, and its destination.

use super::lines::{Lines, Writer};
use super::output::Output;
use super::sink::Sink;
use super::stream::GuestOutput;
use crate::escape;
use bytes::Bytes;
use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Mutex, MutexGuard};
use wasmtime_wasi::WasiCtxBuilder;

/// How many lines of stderr are kept for the report of a trap.
const LAST_LINES: usize = 20;

/// Longer lines are cut when they are kept.
const LAST_LINE: usize = 1000;

/// The destination of guests' output: two threads that write it, and the form of the output.
#[derive(Debug, Clone)]
pub struct Stdio {
    stdout: (Output, Sink),
    stderr: (Output, Sink),
}

impl Stdio {
    /// Output into this process's stdout and stderr.
    ///
    /// # Errors
    /// If the system gives no threads.
    pub fn process(stdout: Output, stderr: Output) -> io::Result<Self> {
        Ok(Self::new(
            (stdout, Sink::stdout()?),
            (stderr, Sink::stderr()?),
        ))
    }

    /// Output into two sinks.
    pub fn new(stdout: (Output, Sink), stderr: (Output, Sink)) -> Self {
        Self { stdout, stderr }
    }

    /// Waits until everything that was sent has been written.
    pub async fn flush(&self) {
        self.stdout.1.flush().await;
        self.stderr.1.flush().await;
    }

    fn of(&self, source: Source) -> (Output, &Sink) {
        let (output, sink) = match source {
            Source::Stdout => &self.stdout,
            Source::Stderr => &self.stderr,
        };
        (*output, sink)
    }
}

/// One of a guest's two output streams.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// `wasi:cli/stdout`
    Stdout,
    /// `wasi:cli/stderr`
    Stderr,
}

/// The output of one instance. Clones are the same output.
///
/// Dropping the last clone ends the lines that have begun.
#[derive(Debug, Clone)]
pub struct InstanceLog {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    stdio: Stdio,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    /// The requests that the instance works on, oldest first.
    requests: Vec<u64>,
    /// The request whose code runs, if that is known.
    current: Option<u64>,
    stdout: Lines,
    stderr: Lines,
    /// Whole lines of stderr, and one that has not ended yet.
    last_words: VecDeque<Vec<u8>>,
}

impl InstanceLog {
    /// The output of a new instance.
    pub fn new(stdio: &Stdio) -> Self {
        let lines = |name, output| {
            let has_prefix = output == Output::Lines { prefix: true };
            Lines::new(has_prefix.then_some(name))
        };
        Self {
            shared: Arc::new(Shared {
                state: Mutex::new(State {
                    requests: Vec::new(),
                    current: None,
                    stdout: lines("stdout", stdio.stdout.0),
                    stderr: lines("stderr", stdio.stderr.0),
                    last_words: VecDeque::new(),
                }),
                stdio: stdio.clone(),
            }),
        }
    }

    /// Gives the guest behind `builder` this stdout and stderr.
    pub fn attach(&self, builder: &mut WasiCtxBuilder) {
        let [stdout, stderr] = self.streams();
        builder.stdout(stdout);
        builder.stderr(stderr);
    }

    /// The guest's stdout and stderr.
    pub fn streams(&self) -> [GuestOutput; 2] {
        [Source::Stdout, Source::Stderr].map(|source| GuestOutput::new(self.clone(), source))
    }

    /// Notes that the instance works on a request: from now on its output may belong to it.
    pub fn begin(&self, request: u64) {
        self.state().requests.push(request);
    }

    /// Notes that the instance is done with a request, and ends the line that the request has begun.
    pub fn end(&self, request: u64) {
        let mut state = self.state();
        state.requests.retain(|&own| own != request);
        self.shared.finish(&mut state, Some(request));
    }

    /// The request that the instance works on, if there is only one.
    pub(crate) fn only_request(&self) -> Option<u64> {
        match self.state().requests[..] {
            [only] => Some(only),
            _ => None,
        }
    }

    /// Sets the request whose code runs; `None`: any of the instance's requests.
    pub fn set_current(&self, request: Option<u64>) {
        self.state().current = request;
    }

    /// The request whose code runs, if it was set.
    pub(super) fn current(&self) -> Option<u64> {
        self.state().current
    }

    /// The guest's last lines on stderr: usually the message of the panic that ended it.
    pub fn last_words(&self) -> Vec<String> {
        let state = self.state();
        let lines = state.last_words.iter();
        lines
            .map(|line| escape::text(String::from_utf8_lossy(line).trim_end()).into_owned())
            .filter(|line| !line.is_empty())
            .collect()
    }

    /// The sink that output of `source` goes to; `None` if it goes nowhere.
    pub(super) fn sink(&self, source: Source) -> Option<&Sink> {
        match self.shared.stdio.of(source) {
            (Output::Discard, _) => None,
            (Output::Lines { .. } | Output::Inherit, sink) => Some(sink),
        }
    }

    pub(super) fn inherits(&self, source: Source) -> bool {
        self.shared.stdio.of(source).0 == Output::Inherit
    }

    /// Takes the guest's output, and returns the text to print now. `request`: the request that writes, if the caller knows it
    /// better than [`InstanceLog::set_current`].
    pub(super) fn write(
        &self,
        source: Source,
        request: Option<u64>,
        bytes: &[u8],
    ) -> Option<Bytes> {
        let state = &mut *self.state();
        if source == Source::Stderr {
            state.remember(bytes);
        }
        let lines = match source {
            Source::Stdout => &mut state.stdout,
            Source::Stderr => &mut state.stderr,
        };
        match self.shared.stdio.of(source).0 {
            Output::Discard => None,
            Output::Inherit => Some(Bytes::copy_from_slice(bytes)),
            Output::Lines { .. } => {
                let writer = match request.or(state.current) {
                    Some(request) if state.requests.contains(&request) => Writer::Request(request),
                    // The request is over: this is work that it has left behind.
                    Some(_) => Writer::Nobody,
                    None => Writer::among(&state.requests),
                };
                let mut out = Vec::with_capacity(bytes.len() + 32);
                lines.write(&writer, bytes, &mut out);
                (!out.is_empty()).then(|| out.into())
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.shared.state.lock().unwrap()
    }
}

impl Shared {
    fn finish(&self, state: &mut State, request: Option<u64>) {
        for (sink, lines) in [
            (&self.stdio.stdout.1, &mut state.stdout),
            (&self.stdio.stderr.1, &mut state.stderr),
        ] {
            let mut out = Vec::new();
            lines.finish(request, &mut out);
            if !out.is_empty() {
                sink.send_detached(out.into());
            }
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        if let Ok(mut state) = self.state.lock() {
            self.finish(&mut state, None);
        }
    }
}

impl State {
    fn remember(&mut self, bytes: &[u8]) {
        for piece in bytes.split_inclusive(|&byte| byte == b'\n') {
            let begun = self.last_words.back_mut();
            let line = match begun.filter(|line| !line.ends_with(b"\n")) {
                Some(line) => line,
                None => {
                    if self.last_words.len() == LAST_LINES {
                        self.last_words.pop_front();
                    }
                    self.last_words.push_back(Vec::new());
                    self.last_words.back_mut().expect("just pushed")
                }
            };
            let room = LAST_LINE.saturating_sub(line.len());
            line.extend_from_slice(&piece[..piece.len().min(room)]);
            if piece.ends_with(b"\n") && !line.ends_with(b"\n") {
                line.push(b'\n');
            }
        }
    }
}
