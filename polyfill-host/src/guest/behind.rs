//! The components behind the bridges of an instance, which run in stores of their own.

use futures::future::BoxFuture;
use std::sync::Arc;
use wasmtime::Result;
use wasmtime::component::Val;

/// The components behind the bridges of an instance.
pub(crate) trait Behind: Send + Sync {
    /// Makes a call, and returns its results. The future does not use the caller's store.
    ///
    /// # Errors
    /// If the component that is called traps, or has trapped before.
    ///
    /// # Cancellation
    /// Dropping the future gives the call up.
    fn call(&self, call: BridgedCall) -> BoxFuture<'static, Result<Vec<Val>>>;

    /// Resolves when no component works on a call whose caller has given up.
    fn attended(&self) -> BoxFuture<'_, ()>;
}

/// A call over a bridge.
#[derive(Debug)]
pub(crate) struct BridgedCall {
    pub target: Target,
    pub arguments: Vec<Val>,
    pub has_result: bool,
    /// The request that the call is made for, if it is known.
    pub request: Option<u64>,
}

/// A function behind a bridge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// The distance from the caller's island in the list of islands, less one.
    pub ahead: usize,
    /// The interface as the island exports it; `None`: the function is the world's own.
    pub interface: Option<Arc<str>>,
    /// The function's name before the split.
    pub function: Arc<str>,
}
