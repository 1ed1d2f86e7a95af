//! Sending requests.

use super::incoming::IncomingResponse;
use super::options::RequestOptions;
use super::outgoing::OutgoingRequest;
use crate::http::client;
use crate::http::types as p3;
use crate::http::types::ErrorCode;
use crate::p2::io::poll::Pollable;
use crate::p2::local::Local;
use crate::p2::shared::Shared;
use crate::wit_bindgen::{JoinHandle, spawn_local};
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

type Answer = Result<p3::Response, ErrorCode>;

/// Sends a request, in a task of its own.
pub fn handle(
    request: OutgoingRequest,
    options: Option<RequestOptions>,
) -> Result<FutureIncomingResponse, ErrorCode> {
    let request = request.into_request(options.map(Into::into))?;
    let exchange = Exchange(spawn_local(client::send(request)));
    Ok(FutureIncomingResponse(Local::new(Rc::new(Shared::new(
        exchange,
    )))))
}

/// A response, once it is there. Dropping it gives up the request.
pub struct FutureIncomingResponse(Local<Rc<Shared<Answer>>>);

impl FutureIncomingResponse {
    /// Ready when there is a response, or it is known that there will be none.
    pub fn subscribe(&self) -> Pollable {
        Pollable::new((*self.0).clone())
    }

    /// The response, once. None: it is not there yet.
    pub fn get(&self) -> Option<Result<Result<IncomingResponse, ErrorCode>, ()>> {
        if self.0.is_taken() {
            return Some(Err(()));
        }
        let answer = self.0.take()?;
        Some(Ok(answer.map(Into::into)))
    }
}

impl fmt::Debug for FutureIncomingResponse {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FutureIncomingResponse")
            .finish_non_exhaustive()
    }
}

/// The task, which ends if nobody waits for it any more.
struct Exchange(JoinHandle<Answer>);

impl Future for Exchange {
    type Output = Answer;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Answer> {
        let answer = Pin::new(&mut self.0).poll(cx);
        answer.map(|answer| answer.expect("only dropping it cancels the task"))
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        self.0.cancel();
    }
}
