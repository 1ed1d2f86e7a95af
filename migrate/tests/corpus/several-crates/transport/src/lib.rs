//! Bytes, over whatever there is.

mod memory;
mod standard;

pub use memory::Memory;
pub use standard::Standard;

/// Why something was not sent or received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    Closed,
    Failed(String),
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Error::Closed => f.write_str("closed"),
            Error::Failed(reason) => f.write_str(reason),
        }
    }
}

impl std::error::Error for Error {}

pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A connection that messages of bytes go through.
pub trait Transport {
    fn send(&mut self, bytes: &[u8]) -> Result<()>;
    fn receive(&mut self) -> Result<Vec<u8>>;

    /// Everything until it is closed.
    fn receive_all(&mut self) -> Result<Vec<u8>> {
        let mut all = Vec::new();
        loop {
            match self.receive() {
                Ok(bytes) => all.extend(bytes),
                Err(Error::Closed) => return Ok(all),
                Err(error) => return Err(error),
            }
        }
    }
}

impl<T: Transport + ?Sized> Transport for &mut T {
    fn send(&mut self, bytes: &[u8]) -> Result<()> {
        (**self).send(bytes)
    }

    fn receive(&mut self) -> Result<Vec<u8>> {
        (**self).receive()
    }
}
