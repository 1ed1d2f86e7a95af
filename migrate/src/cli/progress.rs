//! A line on the terminal that says what is being done, once it takes long.

use std::io::{IsTerminal, Write, stderr};
use std::sync::mpsc::{Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

pub struct Progress(Option<(Sender<()>, JoinHandle<()>)>);

impl Progress {
    pub fn new(text: String) -> Self {
        if !stderr().is_terminal() {
            return Self(None);
        }
        let (done, wait) = channel();
        let thread = thread::spawn(move || {
            // The work was done in time, or the sender was dropped: there is nothing to say.
            if wait.recv_timeout(Duration::from_millis(500)).is_ok() {
                return;
            }
            // If the terminal is gone, there is nothing to write to.
            let _ = write!(stderr(), "{text}…");
            let _ = wait.recv();
            let _ = write!(stderr(), "\r\x1b[2K");
        });
        Self(Some((done, thread)))
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((done, thread)) = self.0.take() {
            let _ = done.send(());
            let _ = thread.join();
        }
    }
}
