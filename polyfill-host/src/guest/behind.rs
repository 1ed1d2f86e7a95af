//! What an instance calls over its bridges: components of its composition that run in stores of their own.

use futures::future::BoxFuture;
use std::sync::Arc;
use wasmtime::Result;
use wasmtime::component::Val;

/// The components behind the bridges of an instance.
pub(crate) trait Behind: Send + Sync {
    /// Makes a call: its results. The future needs nothing of the caller's store.
    ///
    /// # Errors
    /// If the component that is called traps, or has trapped before.
    ///
    /// # Cancellation
    /// Dropping the future gives the call up.
    fn call(&self, call: BridgedCall) -> BoxFuture<'static, Result<Vec<Val>>>;

    /// Resolves when no component is at a call whose caller has given up.
    fn attended(&self) -> BoxFuture<'_, ()>;
}

/// A call over a bridge.
#[derive(Debug)]
pub(crate) struct BridgedCall {
    pub target: Target,
    pub arguments: Vec<Val>,
    pub has_result: bool,
    /// The request that it is made for, if that is known.
    pub request: Option<u64>,
}

/// A function behind a bridge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Target {
    /// How many islands on from the caller's, less one.
    pub ahead: usize,
    /// The interface as the island exports it; `None`: the function is the world's own.
    pub interface: Option<Arc<str>>,
    /// The function as it was written.
    pub function: Arc<str>,
}
