//! The outcome of a body that a guest sent, and the report of it to the guest.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;
use wasmtime_wasi_http::p3::bindings::http::types::ErrorCode;

use super::Of;

/// Reports the outcome of a body to the guest that sent it.
///
/// A request has been transmitted when all of its body was read and its answer has begun: before that, its connection may still
/// fail, or never be made. A response has been transmitted when all of it was read. If the last clone is dropped without an
/// outcome, the guest gets `connection-terminated`.
#[derive(Clone)]
pub(crate) struct Sent(Arc<Mutex<SentState>>);

struct SentState {
    tell: Option<oneshot::Sender<Result<(), ErrorCode>>>,
    /// Whether the rest of the body may be left unread without a failure.
    optional: bool,
    body: BodyState,
    /// Whether the message has been answered, so nothing else can go wrong with it.
    answered: bool,
}

/// How far a body has come.
enum BodyState {
    UnderWay,
    /// All of it was read.
    Complete,
    /// It was dropped before its end, for a reason that is not known yet.
    Dropped,
}

impl Sent {
    pub fn new(tell: oneshot::Sender<Result<(), ErrorCode>>, of: Of) -> Self {
        Sent(Arc::new(Mutex::new(SentState {
            tell: Some(tell),
            optional: of == Of::ResponseToHead,
            body: BodyState::UnderWay,
            answered: of != Of::Request,
        })))
    }

    /// Sets that the message cannot be sent, or not to its end. The first outcome counts.
    pub fn fail(&self, code: ErrorCode) {
        self.lock().tell(Err(code));
    }

    /// Sets that the body's request has been answered.
    pub fn answered(&self) {
        let mut state = self.lock();
        state.answered = true;
        state.decide();
    }

    /// Sets that all of the body was read.
    pub fn complete_body(&self) {
        let mut state = self.lock();
        state.body = BodyState::Complete;
        state.decide();
    }

    /// Sets that the body was dropped before its end.
    pub fn drop_body(&self) {
        let mut state = self.lock();
        state.body = BodyState::Dropped;
        state.decide();
    }

    fn lock(&self) -> MutexGuard<'_, SentState> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl SentState {
    /// Reports the outcome if it is known by now.
    fn decide(&mut self) {
        match self.body {
            BodyState::Dropped if self.optional => self.tell(Ok(())),
            BodyState::Complete if self.answered => self.tell(Ok(())),
            BodyState::Dropped if self.answered => self.tell(Err(ErrorCode::ConnectionTerminated)),
            _ => {}
        }
    }

    fn tell(&mut self, outcome: Result<(), ErrorCode>) {
        if let Some(tell) = self.tell.take() {
            // The receiver may be gone.
            let _ = tell.send(outcome);
        }
    }
}

impl Drop for SentState {
    fn drop(&mut self) {
        self.tell(Err(ErrorCode::ConnectionTerminated));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(of: Of) -> (Sent, oneshot::Receiver<Result<(), ErrorCode>>) {
        let (tell, told) = oneshot::channel();
        (Sent::new(tell, of), told)
    }

    #[test]
    fn a_request_is_sent_when_it_is_answered() {
        let (request, mut told) = sent(Of::Request);
        request.complete_body();
        assert!(told.try_recv().is_err());
        request.answered();
        assert!(matches!(told.try_recv(), Ok(Ok(()))));

        let (request, mut told) = sent(Of::Request);
        request.answered();
        assert!(told.try_recv().is_err());
        request.complete_body();
        assert!(matches!(told.try_recv(), Ok(Ok(()))));
    }

    #[test]
    fn a_request_that_fails_is_not_sent_though_its_body_was_read() {
        let (request, mut told) = sent(Of::Request);
        request.complete_body();
        request.fail(ErrorCode::DestinationNotFound);
        assert!(matches!(
            told.try_recv(),
            Ok(Err(ErrorCode::DestinationNotFound))
        ));

        let (request, mut told) = sent(Of::Request);
        request.complete_body();
        drop(request);
        assert!(matches!(
            told.try_recv(),
            Ok(Err(ErrorCode::ConnectionTerminated))
        ));
    }

    #[test]
    fn a_response_is_sent_when_it_was_read() {
        let (response, mut told) = sent(Of::Response);
        response.complete_body();
        assert!(matches!(told.try_recv(), Ok(Ok(()))));
        let (response, mut told) = sent(Of::Response);
        response.drop_body();
        assert!(matches!(
            told.try_recv(),
            Ok(Err(ErrorCode::ConnectionTerminated))
        ));
        let (response, mut told) = sent(Of::ResponseToHead);
        response.drop_body();
        assert!(matches!(told.try_recv(), Ok(Ok(()))));
    }
}
