//! A pipe with its two handles: who may still use it, and when it goes.

use crate::{Fault, Items, Outcome, Pipe};

/// A pipe in a core's table. It has a handle for each end, and goes when both are dropped.
#[derive(Debug)]
pub struct Ends<I, W> {
    /// The pipe.
    pub pipe: Pipe<I, W>,
    reader_open: bool,
    writer_open: bool,
}

/// What dropping an end leads to.
#[derive(Debug)]
pub struct Dropped<I, W> {
    /// The items that nobody will take.
    pub lost: I,
    /// Who waits at the other end.
    pub wake: Option<W>,
}

impl<I: Items, W> Default for Ends<I, W> {
    fn default() -> Self {
        Ends {
            pipe: Pipe::default(),
            reader_open: true,
            writer_open: true,
        }
    }
}

impl<I: Items, W> Ends<I, W> {
    /// A guest offers items. What nobody took of its last write, nobody will take.
    ///
    /// # Errors
    ///
    /// If a write stands.
    #[inline]
    pub fn write(&mut self, items: I, waiter: W) -> Result<(I, Outcome<usize>, Option<W>), Fault> {
        let lost = self.begin_write()?;
        let (outcome, wake) = self.pipe.write(items, waiter);
        Ok((lost, outcome, wake))
    }

    /// A guest is about to offer items: what nobody took of its last write, nobody will take.
    ///
    /// # Errors
    ///
    /// If a write stands.
    #[inline]
    pub fn begin_write(&mut self) -> Result<I, Fault> {
        if self.pipe.is_offering() {
            return Err(Fault::WriteStands);
        }
        Ok(self.pipe.take_back())
    }

    /// The reader's handle is dropped.
    pub fn drop_reader(&mut self) -> Dropped<I, W> {
        self.reader_open = false;
        let (lost, wake) = self.pipe.drop_reader();
        Dropped { lost, wake }
    }

    /// The writer's handle is dropped.
    pub fn drop_writer(&mut self) -> Dropped<I, W> {
        self.writer_open = false;
        let (lost, wake) = self.pipe.drop_writer();
        Dropped { lost, wake }
    }

    /// The reader is used no more, and nobody is to be told.
    pub fn close_reader(&mut self) {
        self.reader_open = false;
    }

    /// The writer is used no more, and nobody is to be told.
    pub fn close_writer(&mut self) {
        self.writer_open = false;
    }

    /// Whether both ends have gone.
    #[inline]
    pub fn is_over(&self) -> bool {
        !self.reader_open && !self.writer_open
    }
}
