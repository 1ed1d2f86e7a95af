//! `wasi:http/client`.

use super::body::{Sender, Source};
use super::error;
use super::length::Length;
use super::options::RequestOptions;
use super::request::{Request, Unsent};
use super::response::Response;
use super::transmit::Failure;
use crate::Adapter;
use crate::bindings::p2::http::outgoing_handler;
use crate::bindings::p2::http::types::{FutureIncomingResponse, IncomingResponse, OutgoingBody};
use crate::bindings::p3::http::client::Guest;
use crate::bindings::p3::http::types::{self, ErrorCode};
use polyfill_guest::{JoinHandle, pollable, spawn_local};
use std::cell::RefCell;
use std::rc::Rc;

impl Guest for Adapter {
    async fn send(request: types::Request) -> Result<types::Response, ErrorCode> {
        let (unsent, options, body) = request.into_inner::<Request>().into_parts();
        let (source, sender) = body.into_parts();
        let (response, body, length) = match begin(unsent, options) {
            Ok(begun) => begun,
            Err(code) => {
                sender.tell(Err(code.clone()));
                return Err(code);
            }
        };
        let sending = Sending::start(source, sender, body, length);
        match incoming(&response).await {
            Ok(response) => {
                sending.answered();
                Ok(types::Response::new(Response::incoming(response)))
            }
            Err(code) => Err(sending.failed(code)),
        }
    }
}

/// Sends the head.
fn begin(
    unsent: Unsent,
    options: Option<RequestOptions>,
) -> Result<(FutureIncomingResponse, OutgoingBody, Length), ErrorCode> {
    let (request, length) = unsent.into_p2()?;
    let body = request
        .body()
        .map_err(|()| ErrorCode::InternalError(None))?;
    let options = options.map(|options| options.to_p2());
    let response = outgoing_handler::handle(request, options).map_err(error::code)?;
    let length = Length::new(length, ErrorCode::HttpRequestBodySize);
    Ok((response, body, length))
}

/// The body on its way. It is given up with the call of `send`, but goes on once there is a response.
struct Sending {
    progress: Rc<RefCell<Progress>>,
    task: Option<JoinHandle<()>>,
}

/// How a request goes on, until its sender is told.
struct Progress {
    /// None: it has been told.
    sender: Option<Sender>,
    /// What the transmission of the body came to.
    sent: Option<Result<(), Failure>>,
    /// There is a response: nothing can go wrong any more but the transmission.
    answered: bool,
}

impl Sending {
    fn start(source: Source, sender: Sender, to: OutgoingBody, length: Length) -> Self {
        let progress = Rc::new(RefCell::new(Progress {
            sender: Some(sender),
            sent: None,
            answered: false,
        }));
        let task = spawn_local({
            let progress = progress.clone();
            async move {
                let sent = source.transmit(to, length).await;
                let mut progress = progress.borrow_mut();
                progress.sent = Some(sent);
                progress.tell();
            }
        });
        Sending {
            progress,
            task: Some(task),
        }
    }

    fn answered(mut self) {
        // It goes on by itself.
        self.task = None;
        let mut progress = self.progress.borrow_mut();
        progress.answered = true;
        progress.tell();
    }

    /// There will be no response, the host says why: what is wrong.
    fn failed(self, code: ErrorCode) -> ErrorCode {
        let mut progress = self.progress.borrow_mut();
        let code = match progress.sent.take() {
            // The host knows only that the body was given up; unless it never came so far.
            Some(Err(Failure::Refused(refused))) if !error::is_before_body(&code) => refused,
            _ => code,
        };
        if let Some(sender) = progress.sender.take() {
            sender.tell(Err(code.clone()));
        }
        code
    }
}

impl Progress {
    /// Tells the sender, if it is known how the transmission went.
    fn tell(&mut self) {
        if self.answered
            && let Some(sent) = self.sent.take()
            && let Some(sender) = self.sender.take()
        {
            sender.tell(sent.map_err(Failure::code));
        }
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        if let Some(mut task) = self.task.take() {
            task.cancel();
            if let Some(sender) = self.progress.borrow_mut().sender.take() {
                sender.tell(Err(ErrorCode::ConnectionTerminated));
            }
        }
    }
}

async fn incoming(response: &FutureIncomingResponse) -> Result<IncomingResponse, ErrorCode> {
    loop {
        match response.get() {
            None => pollable!(response.subscribe()).await,
            Some(Ok(Ok(response))) => return Ok(response),
            Some(Ok(Err(code))) => return Err(error::code(code)),
            // Taken twice, which it is not.
            Some(Err(())) => return Err(ErrorCode::InternalError(None)),
        }
    }
}
