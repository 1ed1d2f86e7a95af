//! The host's ends of pipes: a source that a guest reads, a sink that a guest writes.

use std::any::Any;
use std::future::Future;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll};

/// The host as the writer of a pipe. It is polled when a guest reads; nothing is fetched ahead.
///
/// If the reader is dropped, the source is dropped before its end.
pub trait Source<I>: Any + Send {
    /// The next items: at least one and, if that is easy, at most `max` (the rest waits in the pipe). `None` at the end.
    fn poll_items(&mut self, cx: &mut Context<'_>, max: usize) -> Poll<Option<I>>;
}

/// The host as the reader of a pipe. It is polled when a guest writes, and when the sink wakes.
///
/// If the instance ends (traps) before the writer does, the sink is dropped without `close`.
pub trait Sink<I>: Send + 'static {
    /// How many items `put` may pass, at least one; `None` if no more are wanted (the writer sees `closed`).
    fn poll_room(&mut self, cx: &mut Context<'_>) -> Poll<Option<usize>>;

    /// Takes items, at most as many as there was room for.
    fn put(&mut self, items: I);

    /// Whether a write of this many items is refused as a whole. Then the writer gets all of them back and sees `closed`, and
    /// the sink is dropped.
    fn refuses(&mut self, _items: usize) -> bool {
        false
    }

    /// Called when the writer was dropped, after all items.
    fn close(self: Box<Self>);
}

/// A source of one item: a future of the Component Model, whose value is the output of a host future.
///
/// `None` closes the pipe without a value.
pub struct OneShot<F>(Option<Pin<Box<F>>>);

impl<F> OneShot<F> {
    /// A source of the output of `future`.
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

/// A sink for one item, the value of a guest's future. `None`: the future was dropped without a value, or the instance ended.
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
