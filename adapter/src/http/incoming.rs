//! Serving on 0.2's `incoming-handler`: its request becomes one of 0.3, and a response of 0.3 its answer.

use super::body::Body;
use super::error;
use super::length::Length;
use super::received::Received;
use super::request::Request;
use super::response::Response;
use super::transmit::Failure;
use crate::Adapter;
use crate::bindings::incoming::Guest;
use crate::bindings::p2::http::types::{IncomingRequest, Method, ResponseOutparam};
use crate::bindings::p3::http::types::{self, ErrorCode};
use polyfill_guest::{JoinHandle, spawn_local};
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

thread_local! {
    /// The request that is answered next: a host of 0.2 has one at a time for an instance.
    static ASKED: RefCell<Option<Rc<IncomingRequest>>> = const { RefCell::new(None) };
    /// Transmissions of bodies that can be given up.
    static UNDER_WAY: RefCell<BTreeMap<u32, JoinHandle<()>>> = const { RefCell::new(BTreeMap::new()) };
    static LAST: Cell<u32> = const { Cell::new(0) };
}

impl Guest for Adapter {
    fn receive(request: IncomingRequest) -> types::Request {
        let request = Rc::new(request);
        ASKED.set(Some(request.clone()));
        let body = Body::received(Received::Request(request.clone()));
        types::Request::new(Request::received(request, body))
    }

    fn respond(to: ResponseOutparam, answer: Vec<Result<types::Response, ErrorCode>>) {
        let asked = ASKED.take();
        let is_head = move || is_head(asked.as_deref());
        if let Some(transmission) = begin(to, answer, is_head) {
            spawn_local(transmission);
        }
    }

    fn answer(
        to: ResponseOutparam,
        answer: Vec<Result<types::Response, ErrorCode>>,
        is_head: bool,
    ) -> u32 {
        // It need not be the request that this is the answer to.
        ASKED.set(None);
        let number = LAST.get().wrapping_add(1);
        LAST.set(number);
        if let Some(transmission) = begin(to, answer, move || is_head) {
            let task = spawn_local(async move {
                transmission.await;
                UNDER_WAY.with_borrow_mut(|tasks| tasks.remove(&number));
            });
            UNDER_WAY.with_borrow_mut(|tasks| tasks.insert(number, task));
        }
        number
    }

    fn give_up(answer: u32) {
        let task = UNDER_WAY.with_borrow_mut(|tasks| tasks.remove(&answer));
        if let Some(mut task) = task {
            task.cancel();
        }
    }
}

/// Sends the head of the answer. The future sends its body.
fn begin(
    to: ResponseOutparam,
    mut answer: Vec<Result<types::Response, ErrorCode>>,
    is_head: impl Fn() -> bool + 'static,
) -> Option<impl Future<Output = ()>> {
    let response = match answer.pop() {
        Some(Ok(response)) => response.into_inner::<Response>(),
        Some(Err(code)) => {
            ResponseOutparam::set(to, Err(error::to_p2(code)));
            return None;
        }
        // A driver of ours has exactly one.
        None => return None,
    };
    let (head, body) = response.into_parts();
    let (source, sender) = body.into_parts();
    let begun = head.and_then(|(head, length)| {
        // Only this function takes it, and once.
        let outgoing = head.body().map_err(|()| ErrorCode::InternalError(None))?;
        Ok((head, outgoing, length))
    });
    let (head, outgoing, length) = match begun {
        Ok(begun) => begun,
        Err(code) => {
            sender.tell(Err(code.clone()));
            ResponseOutparam::set(to, Err(error::to_p2(code)));
            return None;
        }
    };
    ResponseOutparam::set(to, Ok(head));
    // The length that a response to HEAD promises is that of another one.
    let length = length.filter(|_| !is_head());
    let length = Length::new(length, ErrorCode::HttpResponseBodySize);
    Some(async move {
        let sent = source.transmit(outgoing, length).await;
        sender.tell(match sent {
            // Its body is not sent, which is no failure.
            Err(Failure::Broken(_)) if is_head() => Ok(()),
            sent => sent.map_err(Failure::code),
        });
    })
}

fn is_head(request: Option<&IncomingRequest>) -> bool {
    request.is_some_and(|request| matches!(request.method(), Method::Head))
}
