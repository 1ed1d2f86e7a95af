//! WASI's streams behind the traits of the standard library, which are not async.

use std::fmt::{self, Display, Write as _};
use std::io::{self, BufRead, BufReader, Read, Write};
use wasip2::cli::{stdin, stdout};
use wasip2::io::streams::{InputStream, OutputStream, StreamError};

pub struct Reader(InputStream);

impl Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.0.blocking_read(buffer.len() as u64) {
            Ok(bytes) => {
                buffer[..bytes.len()].copy_from_slice(&bytes);
                Ok(bytes.len())
            }
            Err(StreamError::Closed) => Ok(0),
            Err(StreamError::LastOperationFailed(error)) => Err(io::Error::other(error.to_debug_string())),
        }
    }
}

pub struct Writer {
    stream: OutputStream,
    buffer: Vec<u8>,
}

impl Writer {
    fn new(stream: OutputStream) -> Self {
        Self { stream, buffer: Vec::with_capacity(4096) }
    }

    /// Sends what is buffered.
    fn send(&mut self) -> io::Result<()> {
        let failed = |error: StreamError| io::Error::other(error.to_string());
        for chunk in self.buffer.chunks(4096) {
            self.stream.blocking_write_and_flush(chunk).map_err(failed)?;
        }
        self.buffer.clear();
        Ok(())
    }
}

impl Write for Writer {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.buffer.len() + bytes.len() > 4096 {
            self.send()?;
        }
        self.buffer.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.send()
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        if !self.buffer.is_empty() {
            let _ = self.send();
        }
    }
}

/// Blocks of a stream, as an iterator.
struct Blocks<'a> {
    stream: &'a InputStream,
    size: u64,
}

impl Iterator for Blocks<'_> {
    type Item = Result<Vec<u8>, StreamError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self.stream.blocking_read(self.size) {
            Err(StreamError::Closed) => None,
            other => Some(other),
        }
    }
}

/// What a stream still has, when it is displayed.
struct Rest<'a>(&'a InputStream);

impl Display for Rest<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for block in (Blocks { stream: self.0, size: 128 }) {
            let block = block.map_err(|_| fmt::Error)?;
            f.write_str(&String::from_utf8_lossy(&block))?;
        }
        Ok(())
    }
}

extern "C" fn settle() {
    wasip2::clocks::monotonic_clock::subscribe_duration(1_000).block();
}

fn main() -> io::Result<()> {
    let mut writer = Writer::new(stdout::get_stdout());
    let mut reader = BufReader::new(Reader(stdin::get_stdin()));
    let mut line = String::new();
    reader.read_line(&mut line)?;
    writeln!(writer, "first: {}", line.trim_end())?;
    let mut rest = Vec::new();
    reader.take(1000).read_to_end(&mut rest)?;
    writer.write_all(&rest)?;
    writer.send()?;
    settle();
    let mut text = String::new();
    write!(text, "{}", Rest(&stdin::get_stdin())).map_err(io::Error::other)?;
    io::copy(&mut text.as_bytes(), &mut writer)?;
    writer.flush()
}
