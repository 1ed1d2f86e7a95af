//! The readable end of a pipe on its way: with the host, or as one of the ABIs has it.

use std::pin::Pin;
use std::sync::Mutex;
use std::task::{Context, Poll};

use futures::Stream;
use wasmtime::{Result, bail};

/// A readable end of items `T`; `N` is wasmtime's type for it.
pub enum End<T, N> {
    /// The host has it.
    Here(Batches<T>),
    /// As the split ABI has it: the pipe's number in its table.
    Split(u32),
    /// As the native ABI has it.
    Native(N),
}

impl<T: Send + 'static, N> End<T, N> {
    /// An end that reads from `batches`.
    pub fn here(batches: impl Stream<Item = Vec<T>> + Send + 'static) -> Self {
        End::Here(Batches::new(batches))
    }

    /// What the host reads from.
    pub fn batches(&mut self) -> &mut Batches<T> {
        match self {
            End::Here(batches) => batches,
            End::Split(_) | End::Native(_) => unreachable!("what the host is given has arrived"),
        }
    }

    /// Becomes the host's.
    pub fn arrive(&mut self, arrive: impl FnOnce(Self) -> Result<Batches<T>>) -> Result<()> {
        let end = std::mem::replace(self, End::here(futures::stream::empty()));
        *self = End::Here(arrive(end)?);
        Ok(())
    }

    /// Becomes an ABI's, if it is the host's.
    pub fn leave(&mut self, leave: impl FnOnce(Batches<T>) -> Result<Self>) -> Result<()> {
        if let End::Here(batches) = self {
            let batches = std::mem::replace(batches, Batches::new(futures::stream::empty()));
            *self = leave(batches)?;
        }
        Ok(())
    }

    /// The pipe's number, in the split ABI.
    pub fn rep(&self) -> Result<u32> {
        match self {
            End::Split(rep) => Ok(*rep),
            End::Here(_) | End::Native(_) => bail!("a pipe that has not left"),
        }
    }
}

/// Batches of items, and what is left of one that was looked into.
pub struct Batches<T> {
    rest: Vec<T>,
    /// Never locked: the mutex makes it `Sync`, which whatever crosses must be.
    stream: Mutex<Pin<Box<dyn Stream<Item = Vec<T>> + Send>>>,
}

/// The stream is pinned by itself.
impl<T> Unpin for Batches<T> {}

impl<T> Batches<T> {
    /// Batches that come from `stream`.
    pub fn new(stream: impl Stream<Item = Vec<T>> + Send + 'static) -> Self {
        Batches {
            rest: Vec::new(),
            stream: Mutex::new(Box::pin(stream)),
        }
    }

    /// The next batch, which may be empty.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Vec<T>>> {
        if !self.rest.is_empty() {
            return Poll::Ready(Some(std::mem::take(&mut self.rest)));
        }
        match self.stream.get_mut() {
            Ok(stream) => stream.as_mut().poll_next(cx),
            Err(_) => unreachable!("the mutex is never locked"),
        }
    }

    /// These come next.
    pub fn put_back(&mut self, items: Vec<T>) {
        debug_assert!(self.rest.is_empty());
        self.rest = items;
    }
}
