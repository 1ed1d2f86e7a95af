//! The readable end of a pipe: with the host, or in the form of one of the ABIs.

use std::pin::Pin;
use std::sync::Mutex;
use std::task::{Context, Poll, ready};
use std::vec;

use futures::Stream;
use wasmtime::{Result, bail};

/// A readable end of items `T`; `N` is wasmtime's type for it.
pub enum End<T, N> {
    /// The host has it.
    Here(Batches<T>),
    /// The form of the split ABI: the pipe's number in its table.
    Split(u32),
    /// The form of the native ABI.
    Native(N),
}

impl<T: Send + 'static, N> End<T, N> {
    /// An end with the host that reads from `batches`.
    pub fn here(batches: impl Stream<Item = Vec<T>> + Send + 'static) -> Self {
        End::Here(Batches::new(batches))
    }

    /// The batches that the host reads from.
    pub fn batches(&mut self) -> &mut Batches<T> {
        match self {
            End::Here(batches) => batches,
            End::Split(_) | End::Native(_) => unreachable!("what the host is given has arrived"),
        }
    }

    /// Takes the end over to the host.
    pub fn arrive(&mut self, arrive: impl FnOnce(Self) -> Result<Batches<T>>) -> Result<()> {
        let end = std::mem::replace(self, End::here(futures::stream::empty()));
        *self = End::Here(arrive(end)?);
        Ok(())
    }

    /// Hands the end over to an ABI, if the host has it.
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

/// Batches of items, and the rest of a batch that was read in part.
pub struct Batches<T> {
    rest: vec::IntoIter<T>,
    /// Never locked: the mutex makes it `Sync`, which all values that cross must be.
    stream: Mutex<Pin<Box<dyn Stream<Item = Vec<T>> + Send>>>,
}

/// The stream is in a pinned box.
impl<T> Unpin for Batches<T> {}

impl<T> Batches<T> {
    /// Batches that come from `stream`.
    pub fn new(stream: impl Stream<Item = Vec<T>> + Send + 'static) -> Self {
        Batches {
            rest: vec::IntoIter::default(),
            stream: Mutex::new(Box::pin(stream)),
        }
    }

    /// The next batch, which may be empty.
    pub fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Vec<T>>> {
        if self.rest.len() > 0 {
            return Poll::Ready(Some(std::mem::take(&mut self.rest).collect()));
        }
        match self.stream.get_mut() {
            Ok(stream) => stream.as_mut().poll_next(cx),
            Err(_) => unreachable!("the mutex is never locked"),
        }
    }

    /// The next items, `max` at most: a batch that has more comes in parts.
    pub fn poll_part(&mut self, cx: &mut Context<'_>, max: usize) -> Poll<Option<Vec<T>>> {
        if self.rest.len() == 0 {
            match ready!(self.poll_next(cx)) {
                Some(batch) if batch.len() > max => self.rest = batch.into_iter(),
                batch => return Poll::Ready(batch),
            }
        }
        Poll::Ready(Some(self.rest.by_ref().take(max).collect()))
    }

    /// The next item. The other items of its batch are not moved.
    pub fn poll_item(&mut self, cx: &mut Context<'_>) -> Poll<Option<T>> {
        loop {
            if let Some(item) = self.rest.next() {
                return Poll::Ready(Some(item));
            }
            match ready!(self.poll_next(cx)) {
                Some(batch) => self.rest = batch.into_iter(),
                None => return Poll::Ready(None),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures::executor::block_on;
    use futures::future::poll_fn;
    use futures::stream;

    /// Tells where it is.
    struct Item(u32);

    #[test]
    fn a_large_batch_comes_in_parts() {
        let mut batches = Batches::new(stream::iter([vec![1, 2, 3, 4, 5], vec![], vec![6, 7]]));
        let mut next = || block_on(poll_fn(|cx| batches.poll_part(cx, 2)));
        let all: Vec<_> = std::iter::from_fn(&mut next).collect();
        assert_eq!(all, [vec![1, 2], vec![3, 4], vec![5], vec![], vec![6, 7]]);
    }

    #[test]
    fn items_are_taken_one_by_one_without_moving_the_others() {
        let batch: Vec<Item> = (0..1000).map(Item).collect();
        let first = batch.as_ptr();
        let mut batches = Batches::new(stream::iter([vec![], batch, vec![Item(1000)]]));
        for i in 0..500 {
            let item = block_on(poll_fn(|cx| batches.poll_item(cx)));
            assert_eq!(item.map(|item| item.0), Some(i));
            assert_eq!(
                batches.rest.as_slice().as_ptr(),
                first.wrapping_add(i as usize + 1)
            );
        }
        let mut next = || block_on(poll_fn(|cx| batches.poll_next(cx)));
        assert_eq!(
            next().map(|batch| (batch.len(), batch[0].0)),
            Some((500, 500))
        );
        assert_eq!(next().map(|batch| batch[0].0), Some(1000));
        assert!(next().is_none());
    }
}
