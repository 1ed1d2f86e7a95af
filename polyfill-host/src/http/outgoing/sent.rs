//! What became of a body that a guest sent, and how the guest is told.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;
use wasmtime_wasi_http::p3::bindings::http::types::ErrorCode;

use super::Of;

/// Tells the guest what became of a body that it sent.
#[derive(Clone)]
pub(crate) struct Sent(Arc<Mutex<SentState>>);

struct SentState {
    tell: Option<oneshot::Sender<Result<(), ErrorCode>>>,
    /// The rest of a body is not wanted: that is no failure.
    optional: bool,
    /// The body was dropped, and it is not known yet why.
    dropped: bool,
    /// The message that the body belongs to has been answered, so that nothing else can go wrong with it.
    answered: bool,
}

impl Sent {
    pub fn new(tell: oneshot::Sender<Result<(), ErrorCode>>, of: Of) -> Self {
        Sent(Arc::new(Mutex::new(SentState {
            tell: Some(tell),
            optional: of == Of::ResponseToHead,
            dropped: false,
            answered: of != Of::Request,
        })))
    }

    /// The first outcome counts.
    pub fn finish(&self, result: Result<(), ErrorCode>) {
        if let Some(tell) = self.lock().tell.take() {
            // Nobody may want to know.
            let _ = tell.send(result);
        }
    }

    /// The request that the body belongs to has been answered.
    pub fn answered(&self) {
        let mut state = self.lock();
        state.answered = true;
        if state.dropped {
            drop(state);
            self.finish(Err(ErrorCode::ConnectionTerminated));
        }
    }

    /// The body was dropped before its end.
    pub fn drop_body(&self) {
        let mut state = self.lock();
        state.dropped = true;
        let (answered, optional) = (state.answered, state.optional);
        drop(state);
        if optional {
            self.finish(Ok(()));
        } else if answered {
            self.finish(Err(ErrorCode::ConnectionTerminated));
        }
    }

    fn lock(&self) -> MutexGuard<'_, SentState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
