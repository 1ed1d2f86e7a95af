//! Values that never leave the component's only thread.

use std::future::Future;
use std::ops::Deref;
use std::pin::Pin;
use std::task::{Context, Poll};

/// A value that is not `Send` in itself, in types that are: the bindings of WASI 0.2 can be put in statics and sent to
/// threads, so those of the facade can.
#[derive(Clone)]
pub(crate) struct Local<T>(T);

// SAFETY: WebAssembly without atomics has one thread, so that no value can be on another one.
#[cfg(all(target_family = "wasm", not(target_feature = "atomics")))]
unsafe impl<T> Send for Local<T> {}
// SAFETY: as above.
#[cfg(all(target_family = "wasm", not(target_feature = "atomics")))]
unsafe impl<T> Sync for Local<T> {}

impl<T> Local<T> {
    pub(crate) fn new(value: T) -> Self {
        Local(value)
    }

    pub(crate) fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for Local<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<F: Future + Unpin> Future for Local<F> {
    type Output = F::Output;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<F::Output> {
        Pin::new(&mut self.0).poll(cx)
    }
}

/// A future that is `Send` where a value of its own would not be.
pub(crate) fn local<F: Future>(future: F) -> Local<Pin<Box<F>>> {
    Local(Box::pin(future))
}
