//! The host's ends of pipes: a source that a guest reads, a sink that a guest writes.

use std::any::Any;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

/// What the host writes into a pipe. Polled when a guest reads; nothing is fetched ahead.
///
/// Dropped without having ended when the reader is dropped.
pub trait Source<I>: Any + Send {
    /// The next items, at least one and, if that is easy, at most `max` (what is too much waits in the pipe);
    /// `None` at the end.
    fn poll_items(&mut self, cx: &mut Context<'_>, max: usize) -> Poll<Option<I>>;
}

/// Where the host reads a pipe into. Polled when a guest writes, and when the sink wakes.
///
/// Dropped without `close` when the instance ends (traps) before the writer does.
pub trait Sink<I>: Send + 'static {
    /// How many items `put` may bring, at least one; `None` if no more are wanted (the writer sees `closed`).
    fn poll_room(&mut self, cx: &mut Context<'_>) -> Poll<Option<usize>>;

    /// Takes items, at most as many as there was room for.
    fn put(&mut self, items: I);

    /// Whether a write of so many items is refused as a whole: then the writer gets all of them back, sees `closed`, and the
    /// sink is dropped.
    fn refuses(&mut self, _items: usize) -> bool {
        false
    }

    /// The writer was dropped: all has been put.
    fn close(self: Box<Self>);
}

/// A source of one item: a future of the Component Model, whose value a host future brings.
///
/// `None` closes the pipe without a value.
pub struct OneShot<F>(Option<Pin<Box<F>>>);

impl<F> OneShot<F> {
    /// The value will come from `future`.
    pub fn new(future: F) -> Self {
        OneShot(Some(Box::pin(future)))
    }
}

impl<T, I, F> Source<I> for OneShot<F>
where
    I: From<Vec<T>>,
    F: Future<Output = Option<T>> + Send + 'static,
{
    fn poll_items(&mut self, cx: &mut Context<'_>, _max: usize) -> Poll<Option<I>> {
        let Some(future) = &mut self.0 else {
            return Poll::Ready(None);
        };
        match future.as_mut().poll(cx) {
            Poll::Ready(value) => {
                self.0 = None;
                Poll::Ready(value.map(|value| vec![value].into()))
            }
            Poll::Pending => Poll::Pending,
        }
    }
}

/// A sink for one item: what a guest's future comes to. `None`: it was dropped without a value, or the instance ended.
pub fn sink_once<T, F>(then: F) -> Once<F, T>
where
    F: FnOnce(Option<T>) + Send + 'static,
{
    Once {
        then: Some(then),
        item: PhantomData,
    }
}

/// See [`sink_once`].
pub struct Once<F, T>
where
    F: FnOnce(Option<T>),
{
    then: Option<F>,
    item: PhantomData<fn(T)>,
}

impl<T, I, F> Sink<I> for Once<F, T>
where
    T: 'static,
    I: IntoIterator<Item = T>,
    F: FnOnce(Option<T>) + Send + 'static,
{
    fn poll_room(&mut self, _cx: &mut Context<'_>) -> Poll<Option<usize>> {
        Poll::Ready(self.then.is_some().then_some(1))
    }

    fn put(&mut self, items: I) {
        if let Some(then) = self.then.take() {
            then(items.into_iter().next());
        }
    }

    fn close(self: Box<Self>) {}
}

impl<F, T> Drop for Once<F, T>
where
    F: FnOnce(Option<T>),
{
    fn drop(&mut self) {
        if let Some(then) = self.then.take() {
            then(None);
        }
    }
}
