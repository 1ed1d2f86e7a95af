//! A file in Chrome's trace event format, which Perfetto (`ui.perfetto.dev`) and `chrome://tracing` show.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use serde_json::{Value, json};

/// A trace that is being written. Every instance of split components writes to it.
///
/// After each event, only the closing bracket is missing, which viewers do not need. So the file of a killed process can be
/// viewed.
#[derive(Debug)]
pub struct TraceFile {
    begin: Instant,
    out: Mutex<Out>,
    instances: AtomicU64,
    flows: AtomicU64,
}

#[derive(Debug)]
struct Out {
    /// `None`: the file is closed.
    file: Option<BufWriter<File>>,
    /// The text before the next event.
    separator: &'static str,
    /// The first error; nothing is written after it.
    error: Option<io::Error>,
}

/// A row of the picture: an instance's component, or the host beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Track {
    pub instance: u64,
    pub row: u64,
}

impl TraceFile {
    /// A new file; one that is there already is written over.
    ///
    /// # Errors
    /// If it cannot be written.
    pub fn create(path: &Path) -> io::Result<TraceFile> {
        let mut file = BufWriter::new(File::create(path)?);
        file.write_all(b"[")?;
        // On a full disk this fails now, not only when the buffer is full.
        file.flush()?;
        Ok(TraceFile {
            begin: Instant::now(),
            out: Mutex::new(Out {
                file: Some(file),
                separator: "\n",
                error: None,
            }),
            instances: AtomicU64::new(1),
            flows: AtomicU64::new(1),
        })
    }

    /// Closes the file. Remaining instances write no more.
    ///
    /// # Errors
    /// If a write failed, now or before.
    pub fn finish(&self) -> io::Result<()> {
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(error) = out.error.take() {
            return Err(error);
        }
        let Some(mut file) = out.file.take() else {
            return Ok(());
        };
        file.write_all(b"\n]\n")?;
        file.flush()
    }

    pub(super) fn next_instance(&self) -> u64 {
        self.instances.fetch_add(1, Relaxed)
    }

    /// Microseconds since the beginning.
    pub(super) fn now(&self) -> f64 {
        self.begin.elapsed().as_nanos() as f64 / 1000.0
    }

    /// Names a group of tracks.
    pub(super) fn name_instance(&self, instance: u64) {
        let name = json!({ "name": format!("instance {instance}") });
        self.write(json!({ "ph": "M", "name": "process_name", "pid": instance, "args": name }));
    }

    /// Names a track; tracks are shown in the order of their numbers.
    pub(super) fn name_track(&self, track: Track, name: &str) {
        let Track { instance, row } = track;
        for (what, args) in [
            ("thread_name", json!({ "name": name })),
            ("thread_sort_index", json!({ "sort_index": row })),
        ] {
            self.write(
                json!({ "ph": "M", "name": what, "pid": instance, "tid": row, "args": args }),
            );
        }
    }

    /// Writes a slice: something that took from the first time to the second.
    pub(super) fn slice(&self, track: Track, name: &str, (begin, end): (f64, f64), args: Value) {
        let Track { instance, row } = track;
        let lasted = end - begin;
        self.write(json!({
            "ph": "X", "name": name, "cat": "call", "pid": instance, "tid": row, "ts": begin, "dur": lasted, "args": args,
        }));
    }

    /// Writes an instant: something without a duration.
    pub(super) fn instant(&self, track: Track, name: &str, at: f64, args: Value) {
        let Track { instance, row } = track;
        self.write(json!({
            "ph": "i", "s": "t", "name": name, "cat": "core", "pid": instance, "tid": row, "ts": at, "args": args,
        }));
    }

    /// Writes an arrow from one slice to another.
    pub(super) fn arrow(&self, name: &str, from: (Track, f64), to: (Track, f64)) {
        let id = self.flows.fetch_add(1, Relaxed);
        for (phase, (track, at)) in [("s", from), ("f", to)] {
            let Track { instance, row } = track;
            self.write(json!({
                "ph": phase, "bp": "e", "id": id, "name": name, "cat": "flow", "pid": instance, "tid": row, "ts": at,
            }));
        }
    }

    fn write(&self, event: Value) {
        let mut out = self.out.lock().unwrap_or_else(PoisonError::into_inner);
        if out.error.is_some() {
            return;
        }
        let separator = std::mem::replace(&mut out.separator, ",\n");
        let Some(file) = &mut out.file else { return };
        if let Err(error) = write!(file, "{separator}{event}") {
            // Logged at once, and only once: at the end of a server it would be too late.
            tracing::error!("failed to write the trace, which ends here: {error}");
            out.error = Some(error);
        }
    }
}
