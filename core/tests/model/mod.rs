//! A pipe against a model of it: two queues, and what each end was told last.

use isyswasfa_core::{Outcome, Pipe};
use std::collections::VecDeque;

/// Which end acts, or is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Reader,
    Writer,
}

/// One operation of one end.
#[derive(Clone, Copy, Debug)]
enum Step {
    Read(usize),
    CancelRead,
    DropReader,
    Write(usize),
    Written,
    CancelWrite,
    TakeBack,
    DropWriter,
}

impl Step {
    fn of(byte: u8) -> Step {
        let count = usize::from(byte / 16) % 5;
        match byte % 16 {
            0..=4 => Step::Read(count),
            5 => Step::CancelRead,
            6 if byte > 200 => Step::DropReader,
            6..=10 => Step::Write(count),
            11 | 12 => Step::Written,
            13 => Step::CancelWrite,
            14 => Step::TakeBack,
            _ if byte > 200 => Step::DropWriter,
            _ => Step::Written,
        }
    }
}

/// The pipe, and what must be in it.
#[derive(Default)]
struct Model {
    pipe: Pipe<Vec<u32>, End>,
    /// The number of the next item.
    next: u32,
    /// What the read that stands has received, and not collected.
    moved: VecDeque<u32>,
    /// What is offered, or was left of the last offer.
    offered: VecDeque<u32>,
    /// How many items of the standing write were taken.
    taken: usize,
    reading: Option<usize>,
    writing: bool,
    reader_gone: bool,
    writer_gone: bool,
    /// Whether the read, or the write, that stands was told to look again.
    told_reader: bool,
    told_writer: bool,
}

/// Does what the bytes say, one operation each, and checks what comes of it.
///
/// # Panics
/// If the pipe loses, doubles or reorders an item, miscounts, or leaves an end waiting that could go on.
pub fn run(bytes: &[u8]) {
    let mut model = Model::default();
    for (done, byte) in bytes.iter().enumerate() {
        model.step(Step::of(*byte));
        model.nobody_is_forgotten(&bytes[..=done]);
    }
}

impl Model {
    fn step(&mut self, step: Step) {
        match step {
            Step::Read(max) if !self.reader_gone => self.read(self.reading.unwrap_or(max)),
            Step::CancelRead if !self.reader_gone => {
                let items = self.pipe.cancel_read();
                self.reading = None;
                assert_eq!(items, self.moved.drain(..).collect::<Vec<_>>());
            }
            Step::DropReader if !self.reader_gone => {
                let (lost, wake) = self.pipe.drop_reader();
                assert_eq!(lost, self.moved.drain(..).collect::<Vec<_>>());
                (self.reader_gone, self.reading) = (true, None);
                self.told(wake, End::Writer);
            }
            Step::Write(count) if !self.writer_gone && !self.writing => self.write(count),
            Step::Written if self.writing => self.written(),
            Step::Written if !self.writer_gone => self.offer_again(),
            Step::CancelWrite if !self.writer_gone => {
                let taken = self.pipe.cancel_write();
                assert_eq!(taken, std::mem::take(&mut self.taken));
                self.writing = false;
            }
            Step::TakeBack if !self.writer_gone && !self.writing => {
                let items = self.pipe.take_back();
                assert_eq!(items, self.offered.drain(..).collect::<Vec<_>>());
            }
            Step::DropWriter if !self.writer_gone => {
                let (lost, wake) = self.pipe.drop_writer();
                assert_eq!(lost, self.offered.drain(..).collect::<Vec<_>>());
                (self.writer_gone, self.writing, self.taken) = (true, false, 0);
                self.told(wake, End::Reader);
            }
            // Not an operation that this end could begin now.
            _ => {}
        }
    }

    fn read(&mut self, max: usize) {
        let stood = self.reading.is_some();
        let (outcome, wake) = self.pipe.read(max, End::Reader);
        self.told(wake, End::Writer);
        match outcome {
            Outcome::Ready(items) => {
                assert!(items.len() <= max);
                let from = if stood {
                    &mut self.moved
                } else {
                    self.taken += items.len();
                    &mut self.offered
                };
                let expected: Vec<_> = from.drain(..items.len()).collect();
                assert_eq!(items, expected);
                assert!(
                    self.moved.is_empty(),
                    "a read left items that it had received"
                );
                self.reading = None;
            }
            Outcome::Blocked => {
                assert!(!self.writer_gone, "nobody will ever write");
                assert!(
                    !self.writing || self.offered.is_empty() || stood,
                    "a read waits although items are offered"
                );
                (self.reading, self.told_reader) = (Some(max), false);
            }
            Outcome::Closed => {
                assert!(self.writer_gone && self.moved.is_empty());
                self.reading = None;
            }
        }
    }

    fn write(&mut self, count: usize) {
        let items: Vec<u32> = (self.next..).take(count).collect();
        self.next += count as u32;
        // What was not taken back is gone.
        self.offered = items.iter().copied().collect();
        self.taken = 0;
        let offered = self.pipe.write(items, End::Writer);
        self.offered(offered);
    }

    /// What nobody took of the last write is offered again.
    fn offer_again(&mut self) {
        self.taken = 0;
        let offered = self.pipe.written(End::Writer);
        if self.offered.is_empty() {
            assert_eq!(offered, (Outcome::Ready(0), None));
        } else {
            self.offered(offered);
        }
    }

    /// A write has begun with all of `offered`.
    fn offered(&mut self, (outcome, wake): (Outcome<usize>, Option<End>)) {
        let count = self.offered.len();
        self.told(wake, End::Reader);
        match outcome {
            Outcome::Ready(taken) => {
                let reading = self.reading.expect("somebody took the items");
                self.moved.extend(self.offered.drain(..taken));
                assert!(self.moved.len() <= reading);
                assert!(taken > 0 || count == 0);
            }
            Outcome::Blocked => {
                assert!(!self.reader_gone, "nobody will ever read");
                (self.writing, self.told_writer) = (true, false);
            }
            Outcome::Closed => assert!(self.reader_gone),
        }
    }

    fn written(&mut self) {
        let (outcome, wake) = self.pipe.written(End::Writer);
        assert_eq!(wake, None, "what stands tells nobody");
        match outcome {
            Outcome::Ready(taken) => {
                assert_eq!(taken, std::mem::take(&mut self.taken));
                self.writing = false;
            }
            Outcome::Blocked => {
                assert_eq!(
                    self.taken, 0,
                    "a write waits although items of it were taken"
                );
                self.told_writer = false;
            }
            Outcome::Closed => {
                assert!(self.reader_gone && self.taken == 0);
                self.writing = false;
            }
        }
    }

    fn told(&mut self, wake: Option<End>, expected: End) {
        let Some(end) = wake else { return };
        assert_eq!(end, expected, "the wrong end was told");
        match end {
            End::Reader => self.told_reader = true,
            End::Writer => self.told_writer = true,
        }
    }

    /// An end that waits and was not told would find nothing: a second pipe that has gone the same way is asked.
    fn nobody_is_forgotten(&self, way: &[u8]) {
        let again = || {
            let mut model = Model::default();
            way.iter().for_each(|byte| model.step(Step::of(*byte)));
            model.pipe
        };
        if let (Some(max), false) = (self.reading, self.told_reader) {
            let (outcome, _) = again().read(max, End::Reader);
            assert_eq!(outcome, Outcome::Blocked, "the reader was not told");
        }
        if self.writing && !self.told_writer {
            let (outcome, _) = again().written(End::Writer);
            assert_eq!(outcome, Outcome::Blocked, "the writer was not told");
        }
    }
}
