//! Answering requests.

use super::incoming::IncomingRequest;
use super::outgoing::OutgoingResponse;
use crate::http::types as p3;
use crate::http::types::ErrorCode;
use crate::p2::local::Local;
use crate::wit_bindgen::spawn_local;
use std::cell::RefCell;
use std::fmt;
use std::future::{Future, poll_fn};
use std::rc::Rc;
use std::task::{Poll, Waker};

/// Where the response to a request goes.
pub struct ResponseOutparam(Local<Rc<Answer>>);

type Answer = RefCell<State>;

enum State {
    Open(Option<Waker>),
    Set(Result<p3::Response, ErrorCode>),
    Gone,
}

impl ResponseOutparam {
    /// Sends the response, or what has gone wrong. Its body can still be written.
    pub fn set(param: ResponseOutparam, response: Result<OutgoingResponse, ErrorCode>) {
        param.settle(State::Set(
            response.and_then(OutgoingResponse::into_response),
        ));
    }

    fn settle(&self, with: State) {
        if let State::Open(Some(waker)) = self.0.replace(with) {
            waker.wake();
        }
    }
}

impl Drop for ResponseOutparam {
    fn drop(&mut self) {
        let open = matches!(*self.0.borrow(), State::Open(_));
        if open {
            self.settle(State::Gone);
        }
    }
}

impl fmt::Debug for ResponseOutparam {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResponseOutparam").finish_non_exhaustive()
    }
}

/// Has `handle` answer a request. What it does after that goes on in a task of its own.
pub(crate) async fn serve<F: Future<Output = ()> + 'static>(
    request: p3::Request,
    handle: impl FnOnce(IncomingRequest, ResponseOutparam) -> F,
) -> Result<p3::Response, ErrorCode> {
    let answer = Rc::new(Answer::new(State::Open(None)));
    let outparam = ResponseOutparam(Local::new(answer.clone()));
    let mut handling = Some(Box::pin(handle(request.into(), outparam)));
    let response = poll_fn(|cx| {
        if let Some(running) = &mut handling
            && running.as_mut().poll(cx).is_ready()
        {
            handling = None;
        }
        let mut state = answer.borrow_mut();
        match std::mem::replace(&mut *state, State::Gone) {
            State::Set(response) => Poll::Ready(response),
            State::Gone => Poll::Ready(Err(ErrorCode::InternalError(Some(
                "the handler has not set a response".to_owned(),
            )))),
            State::Open(_) => {
                *state = State::Open(Some(cx.waker().clone()));
                Poll::Pending
            }
        }
    })
    .await;
    if let Some(running) = handling {
        spawn_local(running);
    }
    response
}
