//! Takes the standard input apart into messages, and puts them together again.

use corpus_protocol::{Messages, send_lines};
use corpus_transport::{Memory, Standard, Transport as _};
use std::error::Error;

fn text_of(transport: &mut Standard) -> Result<String, Box<dyn Error>> {
    let bytes = transport.receive_all()?;
    Ok(String::from_utf8(bytes)?)
}

fn tick() {
    wasi::clocks::monotonic_clock::subscribe_duration(1_000).block();
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut standard = Standard::default();
    let text = text_of(&mut standard)?;
    let mut messages = Messages::over(Memory::default());
    let count = send_lines(&mut messages, &text)?;
    eprintln!("{count} messages");
    while let Some(message) = messages.next()? {
        standard.send(message.as_bytes())?;
        standard.send(b"\n")?;
        tick();
    }
    Ok(())
}
