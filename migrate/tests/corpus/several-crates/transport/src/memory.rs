use super::{Error, Result, Transport};

/// What was sent is received.
#[derive(Default)]
pub struct Memory(std::collections::VecDeque<Vec<u8>>);

impl Transport for Memory {
    fn send(&mut self, bytes: &[u8]) -> Result<()> {
        self.0.push_back(bytes.to_vec());
        Ok(())
    }

    fn receive(&mut self) -> Result<Vec<u8>> {
        self.0.pop_front().ok_or(Error::Closed)
    }
}
