//! A thread that writes to a stream of this process. So a slow terminal or pipe only delays the guests that write to it.

use bytes::Bytes;
use std::io::{self, Write};
use std::thread;
use tokio::sync::{mpsc, oneshot};

/// How many writes may wait for the thread before guests have to wait.
const QUEUE: usize = 64;

/// A handle on the thread. Clones share it.
#[derive(Debug, Clone)]
pub struct Sink {
    queue: mpsc::Sender<Item>,
}

#[derive(Debug)]
pub(super) enum Item {
    Text(Bytes),
    Flush(oneshot::Sender<()>),
}

impl Sink {
    /// A thread that writes to `out`.
    ///
    /// If `out` fails (for example because the reader of a pipe has gone), further output is discarded: nobody could be told.
    ///
    /// # Errors
    /// If the system gives no thread.
    pub fn new(name: &str, out: impl Write + Send + 'static) -> io::Result<Self> {
        let (queue, items) = mpsc::channel(QUEUE);
        thread::Builder::new()
            .name(name.to_owned())
            .spawn(move || write_all(items, out))?;
        Ok(Self { queue })
    }

    /// This process's stdout.
    pub fn stdout() -> io::Result<Self> {
        Self::new("stdout", io::stdout())
    }

    /// This process's stderr.
    pub fn stderr() -> io::Result<Self> {
        Self::new("stderr", io::stderr())
    }

    /// Waits until all earlier output has been written.
    pub async fn flush(&self) {
        let (done, written) = oneshot::channel();
        if self.queue.send(Item::Flush(done)).await.is_ok() {
            // An error means that the thread is gone: then there is nothing to wait for.
            let _ = written.await;
        }
    }

    /// Sends text that no guest waits for, such as the rest of a line when its instance ends.
    pub(super) fn send_detached(&self, text: Bytes) {
        if let Err(mpsc::error::TrySendError::Full(item)) = self.queue.try_send(Item::Text(text)) {
            let queue = self.queue.clone();
            if let Ok(runtime) = tokio::runtime::Handle::try_current() {
                runtime.spawn(async move {
                    let _ = queue.send(item).await;
                });
            }
        }
    }

    pub(super) fn queue(&self) -> &mpsc::Sender<Item> {
        &self.queue
    }
}

fn write_all(mut items: mpsc::Receiver<Item>, mut out: impl Write) {
    let mut broken = false;
    while let Some(item) = items.blocking_recv() {
        let mut next = Some(item);
        // Items that have gathered meanwhile are written before the flush.
        while let Some(item) = next {
            match item {
                Item::Text(text) if !broken => broken = out.write_all(&text).is_err(),
                Item::Text(_) => {}
                Item::Flush(done) => {
                    broken |= out.flush().is_err();
                    let _ = done.send(());
                }
            }
            next = items.try_recv().ok();
        }
        broken |= out.flush().is_err();
    }
}
