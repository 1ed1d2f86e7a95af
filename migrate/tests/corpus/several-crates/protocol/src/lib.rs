//! Messages with a length before them. It knows nothing of WASI.

use corpus_transport::{Error, Result, Transport};

pub struct Messages<T> {
    transport: T,
    buffer: Vec<u8>,
}

impl<T: Transport> Messages<T> {
    pub fn over(transport: T) -> Self {
        Self { transport, buffer: Vec::new() }
    }

    pub fn send(&mut self, text: &str) -> Result<()> {
        let mut bytes = (text.len() as u32).to_be_bytes().to_vec();
        bytes.extend(text.bytes());
        self.transport.send(&bytes)
    }

    fn fill(&mut self, length: usize) -> Result<()> {
        while self.buffer.len() < length {
            let more = self.transport.receive()?;
            self.buffer.extend(more);
        }
        Ok(())
    }

    pub fn next(&mut self) -> Result<Option<String>> {
        match self.fill(4) {
            Err(Error::Closed) if self.buffer.is_empty() => return Ok(None),
            other => other?,
        }
        let length = u32::from_be_bytes([self.buffer[0], self.buffer[1], self.buffer[2], self.buffer[3]]) as usize;
        self.fill(4 + length)?;
        let rest = self.buffer.split_off(4 + length);
        let message = std::mem::replace(&mut self.buffer, rest);
        let text = String::from_utf8(message[4..].to_vec());
        text.map(Some).map_err(|error| Error::Failed(error.to_string()))
    }

    pub fn into_inner(self) -> T {
        self.transport
    }
}

/// Sends each line as a message.
pub fn send_lines<T: Transport>(messages: &mut Messages<T>, text: &str) -> Result<usize> {
    let mut count = 0;
    for line in text.lines() {
        messages.send(line)?;
        count += 1;
    }
    Ok(count)
}
