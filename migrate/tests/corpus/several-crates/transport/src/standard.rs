use super::{Error, Result, Transport};
use wasi::io::streams::{InputStream, OutputStream, StreamError};

/// The standard input and output.
pub struct Standard {
    input: InputStream,
    output: OutputStream,
}

impl Default for Standard {
    fn default() -> Self {
        Self {
            input: wasi::cli::stdin::get_stdin(),
            output: wasi::cli::stdout::get_stdout(),
        }
    }
}

impl From<StreamError> for Error {
    fn from(error: StreamError) -> Self {
        match error {
            StreamError::Closed => Self::Closed,
            StreamError::LastOperationFailed(error) => Self::Failed(error.to_debug_string()),
        }
    }
}

impl Transport for Standard {
    fn send(&mut self, bytes: &[u8]) -> Result<()> {
        for piece in bytes.chunks(4096) {
            self.output.blocking_write_and_flush(piece)?;
        }
        Ok(())
    }

    fn receive(&mut self) -> Result<Vec<u8>> {
        Ok(self.input.blocking_read(4096)?)
    }
}
