//! Handles behind `Rc`, `RefCell`, `Option` and thread-locals, shared by many parts.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;
use std::ops::Deref;
use std::rc::{Rc, Weak};
use wasip2::cli::stdin::get_stdin;
use wasip2::cli::stdout::get_stdout;
use wasip2::exports::cli::run::Guest;
use wasip2::io::streams::{InputStream, OutputStream, StreamError};

thread_local! {
    static LOG: OnceCell<Log> = const { OnceCell::new() };
}

/// A log that everybody may write to.
#[derive(Clone)]
struct Log {
    to: Rc<RefCell<Buffered>>,
}

struct Buffered {
    stream: Rc<OutputStream>,
    bytes: Vec<u8>,
    flushes: usize,
}

impl Buffered {
    fn flush(&mut self) -> Result<(), StreamError> {
        let bytes = std::mem::take(&mut self.bytes);
        for part in bytes.chunks(4096) {
            self.stream.blocking_write_and_flush(part)?;
        }
        self.flushes += 1;
        Ok(())
    }
}

impl Log {
    fn line(&self, text: &str) {
        let mut to = self.to.borrow_mut();
        to.bytes.extend_from_slice(text.as_bytes());
        to.bytes.push(b'\n');
        if to.bytes.len() > 1024 {
            to.flush().ok();
        }
    }

    fn done(&self) -> Result<usize, StreamError> {
        self.to.borrow_mut().flush()?;
        Ok(self.to.borrow().flushes)
    }
}

/// A stream that knows who else has it.
struct Shared(Rc<InputStream>);

impl Deref for Shared {
    type Target = InputStream;

    fn deref(&self) -> &InputStream {
        &self.0
    }
}

#[derive(Default)]
struct Registry {
    streams: HashMap<String, Shared>,
    order: Vec<(String, Weak<InputStream>)>,
}

impl Registry {
    fn register(&mut self, name: &str, stream: InputStream) -> &mut Self {
        let stream = Rc::new(stream);
        self.order.push((name.to_owned(), Rc::downgrade(&stream)));
        self.streams.insert(name.to_owned(), Shared(stream));
        self
    }

    fn read(&self, name: &str) -> Option<Result<Vec<u8>, StreamError>> {
        let stream = self.streams.get(name)?;
        Some(stream.blocking_read(1024))
    }

    fn skip(&self, count: u64) -> u64 {
        let mut skipped = 0;
        for (_, stream) in &self.order {
            if let Some(stream) = stream.upgrade() {
                skipped += stream.blocking_skip(count).unwrap_or(0);
            }
        }
        skipped
    }

    fn drain(&self) -> Vec<u8> {
        let mut all = Vec::new();
        for shared in self.streams.values() {
            while let Ok(bytes) = shared.0.blocking_read(1 << 12) {
                all.extend(bytes);
            }
        }
        all
    }
}

fn log() -> Log {
    LOG.with(|log| {
        let made = log.get_or_init(|| Log {
            to: Rc::new(RefCell::new(Buffered {
                stream: Rc::new(get_stdout()),
                bytes: Vec::new(),
                flushes: 0,
            })),
        });
        made.clone()
    })
}

struct Program;

impl Guest for Program {
    fn run() -> Result<(), ()> {
        let mut registry = Registry::default();
        registry.register("input", get_stdin());
        let log = log();
        match registry.read("input") {
            Some(Ok(bytes)) => log.line(&format!("{} bytes", bytes.len())),
            Some(Err(error)) => log.line(&format!("{error:?}")),
            None => return Err(()),
        }
        log.line(&registry.skip(3).to_string());
        let rest = registry.drain();
        log.line(&format!("{} more", rest.len()));
        let flushes = log.done().map_err(|_| ())?;
        (flushes > 0).then_some(()).ok_or(())
    }
}

wasip2::cli::command::export!(Program);
