//! A guest's stdout or stderr, as streams for wasmtime's WASI.

use super::instance::{InstanceLog, Source};
use super::sink::Item;
use bytes::Bytes;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use tokio::io::AsyncWrite;
use tokio_util::sync::PollSender;
use wasmtime_wasi::async_trait;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};
use wasmtime_wasi::p2::{OutputStream, Pollable, StreamResult};

/// Bytes taken in one write.
const MAX_WRITE: usize = 64 << 10;

/// stdout or stderr of one instance. A guest's writes wait while their destination takes nothing.
#[derive(Debug, Clone)]
pub struct GuestOutput {
    log: InstanceLog,
    source: Source,
}

impl GuestOutput {
    pub(super) fn new(log: InstanceLog, source: Source) -> Self {
        Self { log, source }
    }
}

impl IsTerminal for GuestOutput {
    fn is_terminal(&self) -> bool {
        self.log.inherits(self.source)
            && match self.source {
                Source::Stdout => io::stdout().is_terminal(),
                Source::Stderr => io::stderr().is_terminal(),
            }
    }
}

impl StdoutStream for GuestOutput {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        // Later output belongs to the request that opens the stream now.
        Box::new(OutputWriter::new(
            &self.log,
            self.source,
            self.log.current(),
        ))
    }

    fn p2_stream(&self) -> Box<dyn OutputStream> {
        Box::new(PlainOutput {
            output: self.clone(),
            waiting: None,
        })
    }
}

/// The stream for WASI 0.2.
struct PlainOutput {
    output: GuestOutput,
    /// Text that the queue had no room for.
    waiting: Option<Bytes>,
}

impl OutputStream for PlainOutput {
    fn write(&mut self, bytes: Bytes) -> StreamResult<()> {
        let GuestOutput { log, source } = &self.output;
        if let Some(text) = log.write(*source, None, &bytes) {
            debug_assert!(self.waiting.is_none(), "`check_write` gave no permit");
            self.waiting = Some(text);
            self.send_waiting();
        }
        Ok(())
    }

    fn flush(&mut self) -> StreamResult<()> {
        Ok(())
    }

    fn check_write(&mut self) -> StreamResult<usize> {
        self.send_waiting();
        let full = match self.output.log.sink(self.output.source) {
            Some(sink) => self.waiting.is_some() || sink.queue().capacity() == 0,
            None => false,
        };
        Ok(if full { 0 } else { MAX_WRITE })
    }
}

impl PlainOutput {
    fn send_waiting(&mut self) {
        let Some(sink) = self.output.log.sink(self.output.source) else {
            self.waiting = None;
            return;
        };
        if self.waiting.is_some()
            && let Ok(place) = sink.queue().try_reserve()
            && let Some(text) = self.waiting.take()
        {
            place.send(Item::Text(text));
        }
    }
}

#[async_trait]
impl Pollable for PlainOutput {
    async fn ready(&mut self) {
        let Some(sink) = self.output.log.sink(self.output.source) else {
            return;
        };
        // An error means that the thread is gone: the text is lost, and nobody has to wait for it.
        if let Ok(place) = sink.queue().reserve().await
            && let Some(text) = self.waiting.take()
        {
            place.send(Item::Text(text));
        }
    }
}

/// The stream as an [`AsyncWrite`], for WASI 0.3.
pub(crate) struct OutputWriter {
    log: InstanceLog,
    source: Source,
    request: Option<u64>,
    queue: Option<PollSender<Item>>,
}

impl OutputWriter {
    /// A writer for `request`; `None`: for the request whose code runs.
    pub(crate) fn new(log: &InstanceLog, source: Source, request: Option<u64>) -> Self {
        let queue = log.sink(source).map(|sink| sink.queue().clone());
        Self {
            queue: queue.map(PollSender::new),
            log: log.clone(),
            source,
            request,
        }
    }

    /// Takes some of `bytes` as soon as there is room, and returns how many.
    pub(crate) fn poll_take(&mut self, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<usize> {
        let bytes = &bytes[..bytes.len().min(MAX_WRITE)];
        let place = match &mut self.queue {
            None => None,
            // An error means that the thread is gone: output is discarded.
            Some(queue) => ready!(queue.poll_reserve(cx)).ok(),
        };
        let text = self.log.write(self.source, self.request, bytes);
        if let (Some(()), Some(queue)) = (place, &mut self.queue) {
            match text {
                Some(text) => {
                    let _ = queue.send_item(Item::Text(text));
                }
                None => {
                    queue.abort_send();
                }
            }
        }
        Poll::Ready(bytes.len())
    }
}

impl AsyncWrite for OutputWriter {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_take(cx, bytes).map(Ok)
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Output, Sink, Stdio};
    use super::*;
    use std::sync::mpsc;
    use std::sync::{Arc, Mutex};
    use tokio::io::AsyncWriteExt;

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl io::Write for Written {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn output_carries_the_request_s_number_and_is_remembered() {
        let (out, err) = (Written::default(), Written::default());
        let lines = Output::Lines { prefix: true };
        let stdio = Stdio::new(
            (lines, Sink::new("out", out.clone()).unwrap()),
            (lines, Sink::new("err", err.clone()).unwrap()),
        );
        let log = InstanceLog::new(&stdio);
        log.begin(7);
        let mut stream = GuestOutput::new(log.clone(), Source::Stdout).p2_stream();
        stream
            .blocking_write_and_flush("a\nb".into())
            .await
            .unwrap();
        let writer = GuestOutput::new(log.clone(), Source::Stderr).async_stream();
        let mut writer = Box::into_pin(writer);
        writer.write_all(b"panicked:\nat the ").await.unwrap();
        writer.write_all(b"disco\n").await.unwrap();
        assert_eq!(log.last_words(), ["panicked:", "at the disco"]);
        log.end(7);
        drop((stream, writer, log));
        stdio.flush().await;
        let text = |written: &Written| String::from_utf8(written.0.lock().unwrap().clone());
        assert_eq!(text(&out).unwrap(), "stdout [7] :: a\nstdout [7] :: b\n");
        assert_eq!(
            text(&err).unwrap(),
            "stderr [7] :: panicked:\nstderr [7] :: at the disco\n"
        );
    }

    /// A stream that takes nothing until the test lets it.
    struct Stuck(mpsc::Receiver<()>);

    impl io::Write for Stuck {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            let _ = self.0.recv();
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[tokio::test]
    async fn a_stuck_stream_holds_up_the_guest() {
        let (release, stuck) = mpsc::channel();
        let sink = Sink::new("out", Stuck(stuck)).unwrap();
        let stdio = Stdio::new((Output::Inherit, sink.clone()), (Output::Discard, sink));
        let log = InstanceLog::new(&stdio);
        let mut stream = GuestOutput::new(log, Source::Stdout).p2_stream();
        let mut writes = 0;
        while stream.check_write().unwrap() > 0 {
            stream.write("x".into()).unwrap();
            writes += 1;
            assert!(writes < 10_000, "nothing held the guest up");
            tokio::task::yield_now().await;
        }
        drop(release);
        stream.ready().await;
        assert!(stream.check_write().unwrap() > 0);
    }
}
