//! The destinations of a store's standard streams.

use tokio::io::{AsyncRead, AsyncWrite};
use wasmtime_wasi::cli::{StdinStream, StdoutStream};

/// The standard streams of split guests: by default there is nothing to read, and output is discarded.
///
/// `WasiCtxBuilder` takes the same streams for imports from WASI 0.2.
pub struct Stdio {
    stdin: Box<dyn StdinStream>,
    stdout: Box<dyn StdoutStream>,
    stderr: Box<dyn StdoutStream>,
}

impl Default for Stdio {
    fn default() -> Self {
        Stdio {
            stdin: Box::new(tokio::io::empty()),
            stdout: Box::new(tokio::io::empty()),
            stderr: Box::new(tokio::io::empty()),
        }
    }
}

impl Stdio {
    /// The process's own streams.
    pub fn inherit() -> Self {
        Stdio {
            stdin: Box::new(tokio::io::stdin()),
            stdout: Box::new(tokio::io::stdout()),
            stderr: Box::new(tokio::io::stderr()),
        }
    }

    /// Sets the stream that guests read.
    pub fn set_stdin(&mut self, stream: impl StdinStream + 'static) -> &mut Self {
        self.stdin = Box::new(stream);
        self
    }

    /// Sets the stream for output.
    pub fn set_stdout(&mut self, stream: impl StdoutStream + 'static) -> &mut Self {
        self.stdout = Box::new(stream);
        self
    }

    /// Sets the stream for errors.
    pub fn set_stderr(&mut self, stream: impl StdoutStream + 'static) -> &mut Self {
        self.stderr = Box::new(stream);
        self
    }

    pub(crate) fn stdin(&self) -> Box<dyn AsyncRead + Send + Sync> {
        self.stdin.async_stream()
    }

    pub(crate) fn stdout(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        self.stdout.async_stream()
    }

    pub(crate) fn stderr(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        self.stderr.async_stream()
    }
}
