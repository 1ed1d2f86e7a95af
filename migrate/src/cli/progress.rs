//! A line on the terminal that says what is being done and how far it is, once it takes long.

use std::io::{IsTerminal, Write, stderr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

pub struct Progress {
    /// What is counted here is shown.
    pub count: Arc<AtomicUsize>,
    line: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Progress {
    /// Of `total` files.
    pub fn new(doing: &'static str, total: usize) -> Self {
        let count = Arc::new(AtomicUsize::new(0));
        if !stderr().is_terminal() {
            return Self { count, line: None };
        }
        let (done, wait) = channel();
        let counted = Arc::clone(&count);
        let thread = thread::spawn(move || {
            let mut first = true;
            // Ends when the work is done and the sender dropped.
            let begin = Duration::from_millis(500);
            let again = Duration::from_millis(100);
            while let Err(RecvTimeoutError::Timeout) =
                wait.recv_timeout(if first { begin } else { again })
            {
                first = false;
                let line = line(doing, counted.load(Ordering::Relaxed), total);
                // If the terminal is gone, there is nothing to write to.
                let _ = write!(stderr(), "\r\x1b[2K{line}");
            }
            if !first {
                let _ = write!(stderr(), "\r\x1b[2K");
            }
        });
        let line = Some((done, thread));
        Self { count, line }
    }
}

/// A rewriting looks at files again, until nothing changes.
fn line(doing: &str, count: usize, total: usize) -> String {
    match count {
        count if count < total => format!("{doing} {total} files: {}%", count * 100 / total),
        count if count > total => format!("{doing} {total} files: once more"),
        _ => format!("{doing} {total} files…"),
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some((done, thread)) = self.line.take() {
            drop(done);
            let _ = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::line;

    #[test]
    fn it_says_how_far_it_is() {
        assert_eq!(line("checking", 120, 1000), "checking 1000 files: 12%");
        assert_eq!(
            line("rewriting", 1200, 1000),
            "rewriting 1000 files: once more"
        );
        assert_eq!(line("checking", 0, 0), "checking 0 files…");
    }
}
